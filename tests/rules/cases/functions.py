# Functions and classes.

# case: arguments with defaults
def greet(who, greeting="Hello", *, mark="!"):
    return f"{greeting}, {who}{mark}"

texts = [greet("Ann"), greet("Bo", "Hi"), greet(who="Cy", mark="?"), greet("Di", greeting="Hey")]

# case: any number of arguments
def show(*args, **kwargs):
    return (args, sorted(kwargs.items()))

calls = [show(), show(1, 2), show(a=1), show(*[1, 2], **{"x": 3}, y=4)]

# case: positional arguments only
def half(value, /, by=2):
    return value / by

halves = [half(10), half(9, 3), half(8, by=4)]
refused = half(value=1)

# case: a default is made once
def collect(item, into=[]):
    into.append(item)
    return into

first = list(collect(1))
second = list(collect(2))

# case: a missing argument
def route(word, to):
    return to

team = route("printer")

# case: an argument too many
def route(word):
    return word

team = route("printer", "Print")

# case: an unknown argument
def route(word):
    return word

team = route(word="printer", to="x")

# case: closures
def counter():
    count = 0
    def step():
        nonlocal count
        count += 1
        return count
    return step

step = counter()
numbers = [step(), step(), step()]
other = counter()()

# case: closures see the last value
actions = [lambda: n for n in range(3)]
late = [action() for action in actions]
actions = [lambda n=n: n for n in range(3)]
bound = [action() for action in actions]
actions = None

# case: names of the rules inside a function
limit = 3
def above(number):
    return number > limit

answers = [above(2), above(4)]
limit = 10
answers.append(above(4))

# case: a function assigns a variable with global
def escalate():
    global priority
    priority = "High"

escalate()

# case: a function assigns only a name of its own
def escalate():
    priority = "High"

escalate()

# case: a name is read before it is assigned in a function
# differs: wording
def bump():
    count = count + 1

count = 1
bump()

# case: lambda, and functions as values
double = lambda n: n * 2
ways = {"twice": double, "minus": lambda n: -n}
results = [ways[way](21) for way in sorted(ways)]
ways = None

# case: recursion
def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)

big = factorial(30)

# case: decorators
def shout(function):
    def wrapped(*args):
        return function(*args).upper() + "!"
    return wrapped

@shout
def label(text):
    return text

subject = label("printer")

# case: a function without return gives None
def nothing():
    pass

result = nothing()

# case: classes
class Rule:
    count = 0

    def __init__(self, word, team):
        self.word = word
        self.team = team
        Rule.count += 1

    def fits(self, text):
        return self.word in text.lower()

    def __repr__(self):
        return f"Rule({self.word!r})"

rules = [Rule("printer", "Print"), Rule("mail", "Mail")]
team = next(rule.team for rule in rules if rule.fits(msg))
made = Rule.count

# case: inheritance and super
class Base:
    def __init__(self, name):
        self.name = name
    def hello(self):
        return "base " + self.name

class Derived(Base):
    def __init__(self, name, more):
        super().__init__(name)
        self.more = more
    def hello(self):
        return "derived, " + super().hello() + self.more

text = Derived("x", "y").hello()
kinds = [isinstance(Derived("", ""), Base), issubclass(Derived, Base), isinstance(Base(""), Derived), [c.__name__ for c in Derived.__mro__]]

# case: properties, static and class methods
class Circle:
    def __init__(self, radius):
        self._radius = radius
    @property
    def radius(self):
        return self._radius
    @radius.setter
    def radius(self, value):
        if value < 0:
            raise ValueError("negative")
        self._radius = value
    @staticmethod
    def unit():
        return "cm"
    @classmethod
    def small(cls):
        return cls(1)

circle = Circle.small()
circle.radius = 5
values = [circle.radius, Circle.unit()]
try:
    circle.radius = -1
except ValueError as error:
    values.append(str(error))
circle = None

# case: operators of one's own
class Money:
    def __init__(self, cents):
        self.cents = cents
    def __add__(self, other):
        return Money(self.cents + other.cents)
    def __eq__(self, other):
        return self.cents == other.cents
    def __lt__(self, other):
        return self.cents < other.cents
    def __len__(self):
        return self.cents
    def __contains__(self, cents):
        return cents <= self.cents
    def __getitem__(self, index):
        return str(self.cents)[index]
    def __call__(self, factor):
        return self.cents * factor
    def __str__(self):
        return f"{self.cents / 100:.2f}"
    def __bool__(self):
        return self.cents > 0

total = Money(150) + Money(250)
values = [str(total), total == Money(400), sorted([Money(3), Money(1)])[0].cents, len(total), 300 in total, total[0], total(2), bool(Money(0))]
total = None

# case: iterators of one's own
class Countdown:
    def __init__(self, start):
        self.start = start
    def __iter__(self):
        return self
    def __next__(self):
        if self.start == 0:
            raise StopIteration
        self.start -= 1
        return self.start

numbers = list(Countdown(3))

# case: data classes
# differs: modules
from dataclasses import dataclass, field

@dataclass(order=True)
class Person:
    name: str
    vip: bool = False
    tags: list = field(default_factory=list)

people = [Person("Bo"), Person("Ann", vip=True)]
shown = repr(sorted(people)[0])
same = Person("Bo") == people[0]
people[0].tags.append("x")
apart = people[1].tags
people = None

# case: enumerations
from enum import Enum, IntEnum

class Level(IntEnum):
    LOW = 1
    HIGH = 2

class Colour(Enum):
    RED = "r"

values = [Level.HIGH > Level.LOW, Level(2).name, [level.name for level in Level], Colour("r").name, Colour.RED.value, Level["LOW"].value]

# case: types in the margin
# differs: modules
from typing import Optional

def route(word: str, default: Optional[str] = None) -> str | None:
    found: str = word
    return found or default

team = route("Print")
count: int = 3

# case: getattr, setattr, hasattr, callable, type
class Thing:
    size = 3

thing = Thing()
setattr(thing, "colour", "red")
values = [getattr(thing, "size"), getattr(thing, "weight", "none"), hasattr(thing, "colour"), callable(len), type(1).__name__, type("").__name__, type(thing).__name__, vars(thing)]
thing = None

# case: an attribute that is not there
size = "text".size

# case: a value that is not called
result = "text"()
