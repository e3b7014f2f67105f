# Modules of the library.

# case: random numbers of a given seed
import random
random.seed(42)
values = [random.random(), random.randint(1, 6), random.randrange(0, 100, 5), random.uniform(1, 2), random.choice(["a", "b", "c"]), random.sample(range(100), 5), random.getrandbits(64)]
deck = list(range(10))
random.shuffle(deck)

# case: random numbers of the press
import random
values = [random.random(), random.randint(1, 1000), random.choice("abcdef")]

# case: generators of their own
import random
dice = random.Random(7)
values = [dice.randint(1, 6) for _ in range(10)]
weighted = random.Random(1).choices(["a", "b"], weights=[9, 1], k=8)
bell = random.Random(3).gauss(0, 1)
dice = None

# case: a text as a seed
# differs: modules
import random
value = random.Random("a text").random()

# case: JSON is read
import json
data = json.loads('{"name": "Ann", "tags": ["a", 1, 2.5, true, null], "nested": {"x": "\\u00e9\\n"}}')
names = [data["name"], data["tags"][3], data["nested"]["x"]]

# case: JSON is written
import json
texts = [json.dumps({"b": [1, 2.5, None, True], "a": "é\n\""}), json.dumps({"b": 1, "a": 2}, sort_keys=True), json.dumps("é", ensure_ascii=False), json.dumps({"a": [1, 2]}, indent=2), json.dumps([1, 2], separators=(",", ":")), json.dumps({1: "x", None: "y"})]

# case: JSON that cannot be read
import json
data = json.loads("{'single': 1}")

# case: what JSON does not know
import json
text = json.dumps({1, 2})

# case: wrapped text
import textwrap
long = "The quick brown fox jumps over the lazy dog and runs away from averyveryverylongword."
values = [textwrap.wrap(long, 20), textwrap.fill(long, 30), textwrap.shorten(long, 25), textwrap.shorten(long, 25, placeholder="…"), textwrap.wrap("", 5), textwrap.dedent("    a\n      b\n    c"), textwrap.indent("a\nb", "> ")]

# case: constants of string
import string
values = [string.ascii_lowercase, string.digits, string.punctuation, string.hexdigits, string.capwords("the old  printer")]

# case: counters
from collections import Counter
words = Counter("the printer the toner the paper printer".split())
values = [words["the"], words["missing"], words.most_common(2), sum(words.values()), sorted(words)]
more = Counter("aab") + Counter("abc")
shown = repr(more)
words = more = None

# case: other collections
from collections import defaultdict, deque, namedtuple, OrderedDict, ChainMap
groups = defaultdict(list)
for word in ["apple", "avocado", "bean"]:
    groups[word[0]].append(word)
plain = dict(groups)
queue = deque([1, 2, 3], maxlen=3)
queue.append(4)
queue.appendleft(0)
kept = list(queue)
Point = namedtuple("Point", "x y")
point = Point(1, y=2)
shown = [repr(point), point.x + point[1], point._asdict(), point._replace(x=9)]
chained = ChainMap({"a": 1}, {"a": 2, "b": 3})
values = [chained["a"], chained["b"], list(OrderedDict(a=1))]
groups = queue = point = chained = None

# case: itertools
import itertools
values = [list(itertools.chain([1], [2, 3])), list(itertools.islice(itertools.count(5), 3)), list(itertools.combinations("abc", 2)), list(itertools.permutations([1, 2], 2)), list(itertools.product("ab", [1, 2])), list(itertools.accumulate([1, 2, 3])), [(key, list(group)) for key, group in itertools.groupby("aabbb")], list(itertools.zip_longest("ab", [1], fillvalue="-")), list(itertools.takewhile(lambda n: n < 3, [1, 2, 3, 1])), list(itertools.dropwhile(lambda n: n < 3, [1, 2, 3, 1])), list(itertools.repeat("x", 2)), list(itertools.pairwise([1, 2, 3])), list(itertools.starmap(pow, [(2, 3)])), list(itertools.compress("abc", [1, 0, 1]))]

# case: functools
import functools

@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

big = fibonacci(50)
total = functools.reduce(lambda a, b: a * b, [1, 2, 3, 4])
twice = functools.partial(pow, 2)
value = twice(5)
twice = None

@functools.wraps(fibonacci)
def other():
    pass

named = other.__name__
ordered = sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a))

# case: operator, bisect, heapq, copy
import bisect, copy, heapq, operator
rows = [{"n": 2}, {"n": 1}]
first = sorted(rows, key=operator.itemgetter("n"))[0]
levels = ["Low", "Medium", "High"]
level = levels[bisect.bisect([10, 50], 42)]
smallest = heapq.nsmallest(2, [5, 1, 4])
heap = [3, 1, 2]
heapq.heapify(heap)
least = heapq.heappop(heap)
nested = [[1], [2]]
shallow, deep = copy.copy(nested), copy.deepcopy(nested)
nested[0].append(9)

# case: html
# differs: modules
import html
safe = html.escape("<b>\"x\" & 'y'</b>")
plain = html.unescape("&lt;b&gt; &amp; &eacute; &#8364;")

# case: imports under other names
import datetime as dt
from math import floor as down, pi
import collections.abc
day = dt.date(2026, 1, 1).isoformat()
value = down(pi)
answer = isinstance([], collections.abc.Sequence)

# case: something that a module does not have
# differs: wording
from math import cosine
