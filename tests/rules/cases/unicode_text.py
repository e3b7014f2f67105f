# Letters of all languages.

# case: folded letters
values = ["Straße".casefold(), "STRASSE".casefold() == "straße".casefold(), "İ".lower(), "ǅ".lower(), "ß".upper(), "ﬁ".upper(), "Σας".lower(), "ÅNGSTRÖM".lower()]

# case: letters and marks
# differs: modules
import unicodedata
composed = unicodedata.normalize("NFC", "e\u0301")
apart = unicodedata.normalize("NFD", "é")
values = [len(composed), len(apart), composed == "é", unicodedata.name("é"), unicodedata.category("A"), unicodedata.category("1"), unicodedata.normalize("NFKC", "ﬁ①"), unicodedata.combining("\u0301"), unicodedata.east_asian_width("日"), unicodedata.numeric("½")]
plain = "".join(c for c in unicodedata.normalize("NFD", "Müller-Çelik") if unicodedata.category(c) != "Mn")

# case: pictures and signs beyond the basic plane
text = "😀👍🏽🇮🇹"
values = [len(text), text[0], text[::-1][-1], [hex(ord(c)) for c in text], "👍" in text, text.encode().hex()]

# case: writing systems
values = ["日本語".isalpha(), "日本語"[1:], "العربية"[::-1], "नमस्ते"[:3], "привет".title(), "ΑΒΓ".lower(), "Ж" < "я", len("한국어")]

# case: invisible characters
values = ["a\u200bb".split(), repr("a\u200bb"), repr("a\u00a0b"), "\ufeffx".strip(), "a\u2028b".splitlines()]

# case: blanks that do not break
# differs: no-break-space
words = "a\u00a0b\u2003c".split()

# case: digits of other alphabets
# differs: digits
is_digit = "١٢٣".isdigit()
number = int("١٢٣")

# case: digits of other alphabets in patterns
# differs: digits
import re
digits = re.findall(r"\d", "a1٣")

# case: large for small in other letters
# differs: case
text = "éÄß".swapcase()

# case: a sigma at the end of a title
# differs: case
text = "ΛΟΓΟΣ".title()

# case: steps through other letters
text = "äöüßéè"
parts = [text[::2], len(text[::2]), text[::-2], len(text[::3]), text[::2][1:], [c for c in text[1::2]], len(text[:5:2]), text[::2].upper()]

# case: an encoding that rules have no use for
# differs: encodings
size = len("a".encode("utf-16-le"))

# case: a message in other letters
# given: msg = "Принтер не работает — SOS! 🖨️"
loud = sum(1 for c in msg if c.isupper())
words = msg.split()
if "принтер" in msg.lower():
    team = "Print"
subject = msg[:7].upper()

# case: lone surrogates
text = "\ud83d"
values = [len(text), text == "\ud83d", repr(text)]
text = None
values.append("a\udc80b".encode("utf-8", "replace"))

# case: letters that look alike are different
values = ["А" == "A", "é" == "e\u0301", "Å" == "Å", "µ" == "μ", "µ".casefold() == "μ".casefold()]
