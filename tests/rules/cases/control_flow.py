# What runs and what does not.

# case: if, elif, else
if "fax" in msg.lower():
    team = "Fax"
elif "printer" in msg.lower():
    team = "Print"
else:
    team = "Desk"

# case: conditions on one line
if "PRINTER" in msg: team = "Print"
if "SERVER" in msg: team = "Server"
if priority == "Low": priority = "Medium"; append = "raised"

# case: conditional values
team = "Print" if "PRINTER" in msg else "Desk"
kind = "none" if not selections else "one" if len(selections) == 1 else "many"

# case: and, or, not give their operands
values = ["" or "default", "a" and "b", 0 or [] or None, 1 and 0, not "", not "a", None or 0, "x" or 1 / 0]

# case: what counts as true
answers = [bool(value) for value in (0, 1, -1, 0.0, "", " ", "0", [], [0], {}, set(), None, (), range(0))]

# case: comparisons in a chain
number = 5
answers = [1 < number < 10, 1 < number > 3, 5 == number != 6, 1 < number < 3, "a" < "b" <= "b"]

# case: in and not in
answers = ["PC LOAD" in msg, "pc load" in msg, "Only me" in selections, "only me" in selections, "x" not in selections, "" in "abc", 3 in range(5), "a" in {"a": 1}]

# case: None, True and False keep their identity
value = None
answers = [value is None, value is not None, True is True, (1 == 1) is True]

# case: for over lists, texts, ranges and pairs
letters = ""
for letter in "abc":
    letters = letter + letters
total = 0
for number in range(2, 11, 3):
    total += number
pairs = []
for index, (key, value) in enumerate({"a": 1, "b": 2}.items()):
    pairs.append((index, key, value))
down = [number for number in range(5, 0, -2)]

# case: for over nothing
touched = "no"
for word in []:
    touched = "yes"
    priority = "High"

# case: break, continue and else of a loop
found = None
for word in ["fax", "printer", "phone"]:
    if word == "fax":
        continue
    if word in msg.lower():
        found = word
        break
else:
    found = "nothing"
for word in ["x", "y"]:
    if word == "z":
        break
else:
    missing = "no z"

# case: while, and its else
number, steps = 27, 0
while number != 1:
    number = number // 2 if number % 2 == 0 else 3 * number + 1
    steps += 1
else:
    ended = True
while True:
    steps -= 1
    if steps < 100:
        break

# case: nested loops
pairs = []
for a in range(3):
    for b in range(3):
        if b > a:
            break
        pairs.append((a, b))

# case: a domain in a list of domains
domains = ["rossi.example", "bianchi.example"]
for domain in domains:
    if domain in email.lower():
        ticketType = "Service Request"

# case: tabs as indentation
for word in msg.split():
	if word.isupper():
		if len(word) > 4:
			priority = "High"
			reason = word

# case: indentation by any number of blanks
if True:
   a = 1
   if a:
         b = 2
   c = 3

# case: lines that go on
total = 1 + \
    2
values = [
    1,  # a comment

    2,
]
if (total == 3 and
        len(values) == 2):
    fits = True

# case: several statements on one line
a = 1; b = 2; c = a + b

# case: assignments to several names
a = b = c = 0
x, y = 1, 2
[p, q] = "ab"
a += 5
b -= 1
c *= 3
x <<= 4
y /= 4
p *= 3
number = 17
number //= 3
number **= 2
number %= 7
number |= 8
number &= 12
number ^= 5

# case: a walrus
if (count := len(msg.split())) > 5:
    append = f"{count} words"
while (count := count - 3) > 0:
    pass

# case: match by value and by alternatives
results = []
for word in ["printer", "fax", "mail", "?"]:
    match word:
        case "printer" | "fax":
            results.append("Print")
        case "mail":
            results.append("Mail")
        case _:
            results.append("Desk")

# case: match by shape
results = []
for item in [[1, 2], [1, 2, 3], {"kind": "vip", "name": "Ann"}, ("x",), "text", 7, -1, None]:
    match item:
        case [a, b]:
            results.append(a + b)
        case [first, *rest]:
            results.append((first, len(rest)))
        case {"kind": "vip", **more}:
            results.append(more)
        case str() as text:
            results.append(text.upper())
        case int(number) if number > 0:
            results.append(number * 2)
        case None:
            results.append("none")
        case other:
            results.append(other)

# case: match by class
class Ticket:
    __match_args__ = ("team", "level")

    def __init__(self, team, level):
        self.team = team
        self.level = level

results = []
for ticket in [Ticket("Print", 1), Ticket("Mail", 3)]:
    match ticket:
        case Ticket(team="Print"):
            results.append("printing")
        case Ticket(team, level) if level > 2:
            results.append(team)
ticket = None

# case: pass and the dots that do nothing
if True:
    pass
for _ in range(2):
    ...

# case: del and a name that is not defined
a = 1
del a
try:
    a
except NameError as error:
    text = str(error)

# case: comments with typographic quotes
# The “VIP” of ‘Bianchi’ — don’t call it “urgent”…
if name == "Dana Marsh":  # the “boss”
    priority = "High"

# case: names in other alphabets
größe = 3
имя = "x"
naïve = größe * 2
