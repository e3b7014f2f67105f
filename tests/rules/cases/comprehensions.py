# Comprehensions and generators.

# case: list comprehensions
squares = [n * n for n in range(6)]
even = [n for n in range(10) if n % 2 == 0]
pairs = [(a, b) for a in "ab" for b in range(2)]
matrix = [[row * 3 + column for column in range(3)] for row in range(2)]
flat = [cell for row in matrix for cell in row]
labels = ["even" if n % 2 == 0 else "odd" for n in range(3)]

# case: dictionary and set comprehensions
lengths = {word: len(word) for word in ["a", "bb"]}
turned = {value: key for key, value in lengths.items()}
initials = sorted({word[0] for word in msg.lower().split() if word[0].isalpha()})

# case: the name in a comprehension stays in it
n = "outside"
squares = [n for n in range(3)]

# case: the share of capitals
share = sum(1 for c in msg if c.isupper()) / len(msg)
if share > 0.75:
    priority = "High"

# case: the share of capitals in a shouted message
# given: msg = "THE SERVER IS DOWN"
share = sum(1 for c in msg if c.isupper()) / len(msg)
if share > 0.75:
    priority = "High"

# case: the share of capitals in an empty message
# given: msg = ""
team = "Print"
share = sum(1 for c in msg if c.isupper()) / len(msg)
team = "Network"

# case: generator expressions are used once
numbers = (n for n in range(3))
first = list(numbers)
again = list(numbers)
numbers = None

# case: any, all, sum, min, max over generators
urgent = any(word in msg.lower() for word in ("printer", "fax"))
every = all(len(word) > 0 for word in msg.split())
longest = max(msg.split(), key=len)
shortest = min((len(word), word) for word in msg.split())
total = sum(len(word) for word in msg.split())
nothing = [any([]), all([]), sum([]), max([], default="none")]

# case: the largest of nothing
# differs: wording
most = max([])

# case: functions that yield
def countdown(start):
    while start > 0:
        yield start
        start -= 1

numbers = list(countdown(3))
total = sum(countdown(4))

# case: a generator that is sent values
def averager():
    total, count = 0, 0
    average = None
    while True:
        value = yield average
        total += value
        count += 1
        average = total / count

running = averager()
next(running)
averages = [running.send(10), running.send(20), running.send(60)]
running.close()
running = None

# case: yield from, and what a generator returns
def inner():
    yield 1
    yield 2
    return "done"

def outer():
    result = yield from inner()
    yield result

values = list(outer())

# case: the end of a generator
numbers = iter([1])
next(numbers)
extra = next(numbers, "default")
numbers = None
over = next(iter([]))

# case: map, filter, zip, enumerate, reversed
upper = list(map(str.upper, ["a", "b"]))
sums = list(map(lambda a, b: a + b, [1, 2], [10, 20]))
kept = list(filter(None, ["a", "", None, "b", 0]))
pairs = list(zip("abc", [1, 2]))
numbered = list(enumerate("ab", start=1))
back = list(reversed([1, 2, 3]))
apart = list(zip(*[(1, "a"), (2, "b")]))

# case: zip with strict lengths
pairs = list(zip("abc", [1, 2], strict=True))

# case: a walrus in a comprehension
found = [length for word in msg.split() if (length := len(word)) > 5]
