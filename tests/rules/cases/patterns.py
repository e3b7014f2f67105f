# Regular expressions.

# case: search and match
import re
found = re.search(r"floor (\d+)", msg)
floor = found.group(1)
place = found.span()
whole = found[0]
found = None
start = re.match("floor", msg) is None
full = [bool(re.fullmatch(r"\d+", "123")), bool(re.fullmatch(r"\d+", "123a"))]

# case: a search without a hit
import re
found = re.search(r"floor (\d+)", "no number here")
floor = found.group(1)

# case: all hits
import re
words = re.findall(r"[A-Z]{2,}", msg)
pairs = re.findall(r"(\w+)=(\d+)", "a=1, b=22")
places = [(m.start(), m.group()) for m in re.finditer(r"\b\w{7}\b", msg)]
none = re.findall("x", "abc")

# case: replaced hits
import re
masked = re.sub(r"\d", "#", "call 555-1234")
swapped = re.sub(r"(\w+)@(\w+)", r"\2 at \1", "ann@host bo@desk")
limited = re.sub("a", "b", "aaaa", count=2)
counted = re.subn(r"\s+", " ", "a   b \n c")
named = re.sub(r"(?P<word>\w+)", r"<\g<word>>", "a bc")

# case: replaced by a function
import re
louder = re.sub(r"\b(urgent|now)\b", lambda m: m.group().upper(), "do it now, urgent")

# case: split at a pattern
import re
parts = re.split(r"[,;]\s*", "a, b;c,d")
kept = re.split(r"([,;])", "a,b;c")
few = re.split(r"\s", "a b c d", maxsplit=2)

# case: named groups
import re
found = re.search(r"(?P<user>[^@]+)@(?P<domain>.+)", email)
parts = found.groupdict()
user = found["user"]
both = found.group("user", "domain")
order = found.lastgroup
found = None

# case: flags
import re
values = [bool(re.search("printer", msg)), bool(re.search("printer", msg, re.I)), re.findall("^.", "ab\ncd", re.M), re.findall("a.b", "a\nb", re.S), re.findall(r"\w+", "grüße", re.A), bool(re.search("(?i)THANKS", msg))]

# case: a pattern with comments
import re
phone = re.compile(r"""
    (\+\d{2})?   # country
    [\s-]*
    (\d{3,4})    # area
    [\s/-]*
    (\d{3,})     # number
""", re.VERBOSE)
parts = phone.search("call +39 055 123456 please").groups()
phone = None

# case: groups that took no part
import re
found = re.match(r"(a)?(b)", "b")
groups = found.groups()
filled = found.groups("-")
found = None

# case: greedy and not
import re
values = [re.findall("<.+>", "<a><b>"), re.findall("<.+?>", "<a><b>"), re.findall("a{2,3}", "aaaaa"), re.findall("a{2,3}?", "aaaaa")]

# case: looking around
import re
values = [re.findall(r"\d+(?= EUR)", "10 EUR 20 USD"), re.findall(r"\d+(?! EUR)\b", "10 EUR 20 USD"), re.findall(r"(?<=#)\d+", "#12 13"), re.findall(r"(?<!#)\b\d+", "#12 13")]

# case: back references
import re
values = [bool(re.search(r"\b(\w+) \1\b", "the the end")), re.sub(r"(.)\1+", r"\1", "aabbccd")]

# case: classes of characters
import re
values = [re.findall(r"\d", "a1b22"), re.findall(r"[^\W\d_]+", "ab_1ü"), re.findall(r"\s", "a \t\u00a0b"), re.findall(r"[\w.-]+@[\w.-]+", "x a.b@c-d.example y"), re.findall("[a-c-]", "a-d")]

# case: escaped patterns
import re
pattern = re.escape("a.b*c [x]")
fits = bool(re.fullmatch(pattern, "a.b*c [x]"))

# case: a pattern that cannot be read
import re
re.search("(unclosed", msg)

# case: a pattern that is compiled and used
import re
rule = re.compile(r"\bvpn\b", re.IGNORECASE)
hits = [text for text in ["VPN down", "vpnx", "the vpn"] if rule.search(text)]
about = [rule.pattern, rule.groups]
rule = None

# case: alternatives and a routing table
import re
routes = [(r"print|toner|paper", "Print"), (r"mail|outlook", "Mail"), (r"vpn|wi-?fi", "Network")]
for pattern, target in routes:
    if re.search(pattern, msg, re.IGNORECASE):
        team = target
        break
