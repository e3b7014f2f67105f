# Texts made of values.

# case: f-strings
count = 3
subject = f"{name} ({count} of {count + 1}): {msg[:5]!r}"
brace = f"{{not a value}} {'nested ' + 'text'} {count:>4}|{count:<4}|{count:^4}|".replace(" ", "·")

# case: an f-string that names its value
count = 3
debug = f"{count=} {name.upper()=} {count * 2 = }"

# case: width and precision from values
width, precision = 10, 3
cell = f"{3.14159:{width}.{precision}f}|{'abc':{width}}|{'abc':>{width}}|".replace(" ", "·")

# case: whole numbers in all bases and with separators
cells = [cell.replace(" ", "·") for cell in [f"{255:b}", f"{255:o}", f"{255:x}", f"{255:X}", f"{255:#x}", f"{255:08b}", f"{1234567:,}", f"{1234567:_}", f"{42:+}", f"{-42: }", f"{42: }", f"{42:05}", f"{65:c}", f"{42:n}"]]

# case: numbers with a fraction
cells = [cell.replace(" ", "·") for cell in [f"{2/3:.2f}", f"{1e10:g}", f"{1e-5:g}", f"{123456.789:,.1f}", f"{0.256:.0%}", f"{0.5:%}", f"{12345.6789:.3e}", f"{1.0}", f"{100.0:g}", f"{2.5:.0f}", f"{3.5:.0f}", f"{-0.0:.1f}", f"{1e22}", f"{1e16}", f"{123456789.0}"]]

# case: infinity and no number
cells = [cell.replace(" ", "·") for cell in [f"{float('inf')}", f"{float('-inf'):.2f}", f"{float('nan'):5}", str(float("inf"))]]

# case: alignment with a filling character
cells = [cell.replace(" ", "·") for cell in [f"{'x':*^7}", f"{'x':->5}", f"{'x':#<3}", f"{12:=+6}", f"{-12:=06}", f"{12:*=+6}"]]

# case: the method format
cells = [cell.replace(" ", "·") for cell in ["{} {}".format("a", "b"), "{1} {0}".format("a", "b"), "{who} has {n:03d}".format(who=name, n=7), "{0[1]} {1.real}".format([1, 2], 3), "{!r} {!s} {!a}".format("é", "é", "é"), "{:>{w}}".format("x", w=4), "{{}}".format()]]

# case: format with a dictionary
data = {"name": name, "host": hostname}
text = "{name} at {host}".format(**data)
same = "{name} at {host}".format_map(data)

# case: the percent sign
cells = [cell.replace(" ", "·") for cell in ["%s and %s" % ("a", 1), "%d%%" % 42.9, "%5.1f|%-6s|%06d" % (3.14159, "ab", -42), "%x %X %o %c %r" % (255, 255, 8, "z", "q"), "%(who)s: %(n)03d" % {"who": name, "n": 5}, "%+d % d" % (5, 5), "%e %g" % (12345.678, 0.0001), "%*d" % (5, 42), "%.3s" % "abcdef", "%i" % True]]

# case: the percent sign with too few values
text = "%s and %s" % "one"

# case: the percent sign with too many values
text = "%s" % ("a", "b")

# case: the percent sign wants a number
# differs: wording
text = "%d" % "a"

# case: format without the value
# differs: wording
text = "{} {}".format("only one")

# case: format that does not fit the value
text = f"{'text':d}"

# case: dates in f-strings
import datetime
day = datetime.date(2026, 3, 2)
subject = f"{day:%d.%m.%Y} ({day:%A})"

# case: how values are shown
shown = [str(None), str(True), str(1.0), str(1e100), str([1, "a", None]), str({"a": 1}), str((1,)), str(set()), repr("a\tb"), str(b"ab\x00"), str(1j), str(range(3))]

# case: the function format
cells = [cell.replace(" ", "·") for cell in [format(3.14159, ".2f"), format(255, "x"), format("a", ">3"), format(1234.5, ",")]]

# case: nested f-strings and conditions
count = 1
subject = f"{count} ticket{'' if count == 1 else 's'} for {f'{name}!'}"
lines = "\n".join(f"{number:>2}. {word}" for number, word in enumerate(["a", "b"], 1))

# case: templates
from string import Template
text = Template("$who uses ${what}s, $$5").substitute(who=name, what="printer")
safe = Template("$who $missing").safe_substitute(who="A")
