# Texts and their methods.

# case: capitals and small letters
loud = msg.upper()
quiet = msg.lower()
title = name.title()
swapped = name.swapcase()
first = "hELLO wORLD".capitalize()

# case: what a text is made of
answers = [
    "abc".isalpha(), "ab1".isalpha(), "ab1".isalnum(), "12".isdigit(), "1.2".isdigit(), "½".isnumeric(),
    "²".isdigit(), "²".isdecimal(), " \t".isspace(), "".isspace(), "Ab".istitle(), "AB".isupper(), "ab1".islower(),
    "1".isupper(), "name_1".isidentifier(), "1name".isidentifier(), "é".isascii(), "tab\t".isprintable(),
]

# case: blanks and other characters cut off the ends
words = [word.replace(" ", "·") for word in ["  a b ".strip(), "  a b ".lstrip(), "  a b ".rstrip(), "--x--".strip("-"), "xyabcyx".strip("xy"), "\u00a0a\u3000".strip()]]

# case: prefixes and suffixes
subject = "RE: RE: Printer"
subject = subject.removeprefix("RE: ")
kept = subject.removeprefix("FW: ")
host = hostname.removesuffix("-0231")
ends = ("report.pdf".endswith((".pdf", ".doc")), "report".startswith("re", 0), "report".startswith("port", 2), "x".endswith(""))

# case: split by blanks, by a separator, by lines
words = " a  b c ".split()
fields = "a,,b,c".split(",")
two = "a,b,c".split(",", 1)
last = "a,b,c".rsplit(",", 1)
lines = "one\ntwo\r\nthree\x0bfour\u2028five".splitlines()
kept = "one\ntwo\n".splitlines(True)

# case: parts around a separator
user, at, domain = email.partition("@")
path = "a/b/c".rpartition("/")
missing = "abc".partition("@")

# case: joined texts
subject = " ".join(subject.split())
csv = ", ".join(str(n) for n in range(5))
nothing = "-".join([])

# case: find, index, count
places = ["banana".find("an"), "banana".rfind("an"), "banana".find("x"), "banana".count("an"), "aaaa".count("aa"), "abc".count("")]
places.append("banana".index("n", 3))

# case: a text that is not there has no index
place = "banana".index("x")

# case: replaced texts
masked = "call 555 555".replace("555", "###")
once = "aaa".replace("a", "b", 1)
spread = "abc".replace("", "-")
none = "abc".replace("x", "y")

# case: padding
cells = [cell.replace(" ", "·") for cell in ["a".ljust(4) + "|", "a".rjust(4, "."), "ab".center(5, "*"), "abc".center(6), "42".zfill(5), "-42".zfill(5), "+1".zfill(1)]]

# case: tabs become blanks
row = "a\tbc\tdef\tg".expandtabs(4).replace(" ", "·")

# case: a table of characters to change
table = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "!": None})
plain = "Größe übel!!".translate(table)
digits = "0123".translate(str.maketrans("0123", "abcd", ""))

# case: texts compared and sorted
pairs = ["a" < "b", "B" < "a", "abc" < "abd", "abc" < "ab", "" < "a", "10" < "9"]
words = sorted(["pear", "Apple", "fig", "apple"])
folded = sorted(["pear", "Apple", "fig", "apple"], key=str.lower)

# case: repeated and added texts
line = "-" * 10
none = "ab" * 0
less = "ab" * -3
both = "a" "b" + 'c'

# case: escapes
text = "tab\tnew\\line \x41\u00e9\U0001F600 \101 \N{BULLET} \'\""
raw = r"C:\new\table"
length = len("\r\n\0")

# case: texts over several lines
text = """first
  second \
continued
"third\""""
size = len(text)

# case: a text is not changed in place
# differs: wording
msg[0] = "X"

# case: bytes of a text
data = "Grüße".encode()
size = len(data)
back = data.decode("utf-8")
latin = "Grüße".encode("latin-1").hex()
safe = "Grüße €".encode("ascii", "replace").decode()
name_in_hex = "Dana".encode().hex(":")

# case: characters and their numbers
numbers = [ord("a"), ord("€"), ord("😀")]
characters = chr(97) + chr(8364) + chr(128512)
shown = ascii("Grüße 😀") + repr("it's \"so\"\n")
