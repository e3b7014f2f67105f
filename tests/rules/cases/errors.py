# What goes wrong, and where.

# case: a division by zero names its line
team = "Print"
priority = "High"
count = 1 / 0
team = "never"

# case: a name that does not exist
team = "Print"
priority = hihg

# case: a number and a text are not added
# differs: wording
text = "Priority " + 1

# case: a text and a number are not compared
answer = "3" > 2

# case: arithmetic on the name of a priority
priority = priority - 1

# case: a text is not divided
share = "a" / 2

# case: None has no methods
value = None
text = value.upper()

# case: a text that is no number
number = int("12a")

# case: a text that is no number with a fraction
number = float("1,5")

# case: an error in a function
def share(text):
    return len(text) / 0

team = "Print"
value = share(msg)

# case: an error in a function of a function
def inner(value):
    return value["x"]

def outer(value):
    return inner(value)

result = outer({})

# case: an error within a loop
# differs: wording
total = 0
for number in [2, 1, 0]:
    total += 10 // number
    append = str(total)

# case: an error in a comprehension
values = [1 / n for n in (2, 1, 0)]

# case: try and except
try:
    share = 1 / 0
except ZeroDivisionError as error:
    append = f"no share: {error}"

# case: the first except that fits
try:
    value = {}["x"]
except (IndexError, TypeError):
    kind = "wrong"
except LookupError as error:
    kind = type(error).__name__
except Exception:
    kind = "other"

# case: else and finally
order = []
try:
    order.append("try")
except ValueError:
    order.append("except")
else:
    order.append("else")
finally:
    order.append("finally")

# case: finally runs before the error goes on
order = []
try:
    order.append(1)
    order.append([][5])
finally:
    append = "cleaned up"

# case: an error raised by the rules
if "PRINTER" in msg:
    raise ValueError("no printers on Mondays")

# case: an error of one's own kind
class NotOurs(Exception):
    pass

team = "Print"
raise NotOurs("somebody else's")

# case: an error raised from another
try:
    try:
        int("x")
    except ValueError as cause:
        raise RuntimeError("could not read it") from cause
except RuntimeError as error:
    text = f"{error} / {type(error.__cause__).__name__} / {error.__cause__}"

# case: an error raised again
try:
    int("x")
except ValueError:
    team = "Print"
    raise

# case: return in finally
def f():
    try:
        return "try"
    finally:
        append.strip()

value = f()

# case: a name that except forgets
try:
    1 / 0
except ZeroDivisionError as error:
    pass
text = str(error)

# case: assert
assert len(selections) == 2, "two boxes"
assert priority == "High", f"it is {priority}"

# case: an assertion without a word
assert not msg

# case: a context manager
steps = []

class note:
    def __init__(self, what):
        self.what = what

    def __enter__(self):
        steps.append("begin " + self.what)
        return self.what.upper()

    def __exit__(self, *error):
        steps.append("end " + self.what)

with note("a") as a, note("b") as b:
    steps.append(a + b)

# case: a context manager that swallows
class Swallow:
    def __enter__(self):
        return self
    def __exit__(self, kind, error, trace):
        global seen
        seen = kind.__name__
        return True

with Swallow():
    1 / 0
after = "reached"

# case: contextlib.suppress
# differs: modules
from contextlib import suppress

with suppress(KeyError):
    value = {}["x"]
after = "reached"

# case: errors and their arguments
error = ValueError("a", 1)
values = [error.args, str(error), repr(error), str(KeyError("k")), isinstance(error, Exception)]
error = None

# case: a module without what is asked of it
import math
value = math.cosine(1)

# case: an exception group
try:
    raise ExceptionGroup("several", [ValueError("a"), TypeError("b")])
except* ValueError as group:
    kept = [str(error) for error in group.exceptions]
except* TypeError:
    other = "seen"
group = None

# case: a warning of the rules is no error
def check(value):
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return value

try:
    check(3)
except TypeError as error:
    priv_append = str(error)

# case: a text that never ends is no rule
# differs: wording
subject = "never ends

# case: a bracket that is not closed is no rule
# differs: syntax
values = [1, 2
team = "x"

# case: a missing colon is no rule
# differs: wording
if priority == "Low"
    priority = "High"

# case: an equals sign too few is no rule
# differs: wording
if priority = "Low":
    priority = "High"

# case: an indentation that does not fit is no rule
# differs: syntax
if priority == "Low":
        priority = "High"
    team = "Print"

# case: return outside a function is no rule
# differs: wording
return priority
