# Parts of texts, lists and tuples.

# case: slices of a text
text = "abcdefgh"
parts = [text[2:5], text[:3], text[3:], text[-3:], text[:-3], text[::2], text[::-1], text[5:2], text[5:2:-1], text[-100:100], text[100:]]

# case: a single character
letters = subject[0] + subject[-1]

# case: a place beyond the end
# differs: wording
letter = "abc"[3]

# case: a place that is no number
# differs: wording
letter = "abc"["a"]

# case: slices of a list are copies
numbers = [1, 2, 3, 4]
part = numbers[1:3]
part.append(9)

# case: slices are assigned and deleted
numbers = list(range(10))
numbers[2:5] = ["x"]
numbers[:1] = []
del numbers[-2:]
numbers[::2] = [0] * len(numbers[::2])

# case: a slice with steps takes as many values as it has places
numbers = list(range(6))
numbers[::2] = [1, 2]

# case: slice objects
first_three = slice(3)
parts = ["abcdef"[first_three], [1, 2, 3, 4][first_three], slice(None, -1, 2).indices(10)]

# case: a priority matrix
impact, urgency = 2, 1
names = ["Critical", "High", "Medium", "Low", "Planned"]
priority = names[impact + urgency - 1]
worst = names[0]
last = names[-1]

# case: the first line of a wrapped subject
import textwrap
subject = textwrap.wrap(" ".join(("word " * 40).split()), 50)[0]
size = len(subject)
