# Lists, tuples, sets and dictionaries.

# case: lists grow and shrink
items = [3, 1]
items.append(2)
items.extend([5, 4])
items.insert(0, 9)
items.remove(1)
last = items.pop()
first = items.pop(0)
items.reverse()
where = items.index(5)
many = [1, 1, 2].count(1)
copy = items.copy()
items.clear()

# case: a value that is not in a list cannot be removed
# differs: wording
[1, 2].remove(3)

# case: sorted lists
numbers = [3, 1, 2]
numbers.sort()
down = sorted(numbers, reverse=True)
words = sorted(["ccc", "a", "bb"], key=len)
pairs = sorted([("b", 1), ("a", 2), ("a", 1)])
stable = sorted(["b2", "a2", "b1", "a1"], key=lambda word: word[0])

# case: a list of unlike things is not sorted
mixed = sorted([1, "a"])

# case: lists compared, added, multiplied
answers = [[1, 2] == [1, 2], [1, 2] < [1, 3], [1] + [2], [0] * 3, 2 in [1, 2], "x" not in ["a"], [] == ()]

# case: the same inner list three times
grid = [[0]] * 3
grid[0].append(1)
apart = [[0] for _ in range(3)]
apart[0].append(1)

# case: tuples
pair = 1, 2
one = (1,)
empty = ()
a, b = pair
a, b = b, a
nested = ((1, 2), 3)
(c, d), e = nested
joined = pair + one

# case: a tuple is not changed
# differs: wording
pair = (1, 2)
pair[0] = 3

# case: unpacking with a star
first, *rest = [1, 2, 3]
*start, end = "abc"
head, *middle, tail = range(6)
both = [*rest, *start, 9]
merged = {**{"a": 1, "b": 2}, "b": 3}

# case: too many values to unpack
# differs: wording
a, b = [1, 2, 3]

# case: too few values to unpack
a, b, c = "xy"

# case: dictionaries
agents = {"network": "Ann", "printer": "Bo"}
agents["mail"] = "Cy"
team = agents.get("printer", "nobody")
missing = agents.get("phone")
there = "mail" in agents
keys = list(agents)
values = list(agents.values())
items = list(agents.items())
gone = agents.pop("network")
default = agents.setdefault("phone", "Di")
agents.update(mail="Eve", extra=None)
size = len(agents)

# case: a key that is not there
agent = {"network": "Ann"}["printer"]

# case: dictionaries keep their order and compare without it
data = {"b": 1, "a": 2}
data["c"] = 3
del data["b"]
data["b"] = 4
order = list(data)
same = {"a": 1, "b": 2} == {"b": 2, "a": 1}
merged = {"a": 1} | {"a": 2, "b": 3}
back = list(reversed({"x": 1, "y": 2}))
last = data.popitem()

# case: a list is no key
data = {[1]: 2}

# case: nested dictionaries and lists
desk = {"teams": {"print": ["Bo", "Cy"]}, "open": True}
desk["teams"]["print"].append("Di")
agent = desk["teams"]["print"][-1]

# case: sets
seen = {1, 2, 3}
other = {3, 4}
answers = [sorted(seen | other), sorted(seen & other), sorted(seen - other), sorted(seen ^ other), {1} < seen, seen.isdisjoint({9}), seen >= {1, 2}]
seen.add(4)
seen.discard(99)
seen.remove(1)
size = len(seen)
unique = sorted(set("mississippi"))
frozen = frozenset([1, 2]) == {1, 2}

# case: a value that is not in a set cannot be removed
seen = {1}
seen.remove(2)

# case: a dictionary does not change while it is walked
data = {"a": 1}
for key in data:
    data[key + "x"] = 1

# case: deleted names and members
items = [1, 2, 3]
del items[0]
number = 5
del number
found = number

# case: equal numbers are equal keys
data = {1: "int"}
data[1.0] = "float"
data[True] = "bool"

# case: one value held very often
# differs: references
many = [0] * 40000
size = len(many)
