# Numbers.

# case: arithmetic of whole numbers
values = [7 + 3, 7 - 3, 7 * 3, 7 // 3, -7 // 3, 7 % 3, -7 % 3, 7 % -3, 2 ** 10, -2 ** 2, (-2) ** 3, divmod(-7, 2), abs(-5), pow(3, 4, 5), 2 ** -1]

# case: division always has a fraction
values = [6 / 3, 7 / 2, 1 / 3, -1 / 3, 10 / 4, 1e3 / 10]

# case: large whole numbers
big = 2 ** 100
values = [big, big // 10 ** 20, big % 97, -big, len(str(3 ** 200)), big > 1e30, int("9" * 30) + 1, (1 << 70) >> 68]

# case: numbers with a fraction
values = [0.1 + 0.2, 1.1 * 3, 1e308 * 10, 5e-324, 1.5 // 1, -1.5 // 1, 5.5 % 2, -5.5 % 2, 2 ** 0.5, 1.0 == 1, 0.1 + 0.2 == 0.3, 1e15, 1e16, 123456789012345678.0]

# case: rounding to even
values = [round(0.5), round(1.5), round(2.5), round(-0.5), round(1234, -2), round(1250, -2), round(3.14159, 3), round(2.0), round(1e20), round(7.0, 0)]

# case: rounding what only looks like a half
# differs: rounding
value = round(2.675, 2)

# case: whole numbers of texts and fractions
values = [int(3.9), int(-3.9), int("42"), int(" -7 "), int("ff", 16), int("0b101", 0), int("1_000"), int(True), float("3.5"), float("1e3"), float(" inf "), float(7)]

# case: bits
values = [6 & 3, 6 | 3, 6 ^ 3, ~6, 1 << 5, 1000 >> 3, -8 >> 1, bin(10), oct(8), hex(255), (255).bit_length(), (10).bit_count()]

# case: truth values are numbers
values = [True + True, sum([True, False, True]), True * 3, int(False), True == 1, "ab"[True]]

# case: numbers compared
values = [1 == 1.0, 1 < 1.5, 2 ** 53 == 2 ** 53 + 1.0, -0.0 == 0.0, float("nan") == float("nan"), max(1, 2.5, -3), min(3, 1), 10 ** 20 > 1e19]

# case: sums
values = [sum([1, 2, 3]), sum([0.5, 0.25]), sum([], 10), sum([[1], [2]], [])]

# case: methods of numbers
values = [(3.0).is_integer(), (0.75).as_integer_ratio(), (10).to_bytes(2, "big"), int.from_bytes(b"\x01\x00", "big"), (2.5).hex(), (1 + 2j) * 2, abs(3 + 4j), complex("1+1j").real]

# case: numbers as written
values = [1_000_000, 0x1F, 0o17, 0b11, 1e3, .5, 5., 1E-2]

# case: zero to the power of minus one
# differs: wording
value = 0 ** -1

# case: the remainder of nothing
# differs: wording
value = 5 % 0

# case: a negative number that is clamped
impact = 3
priority_number = 0
if "PRINTER" in msg:
    priority_number = priority_number - 1
if priority_number < 0:
    priority_number = 0
impact = impact - 1

# case: the module math
import math
values = [math.floor(2.7), math.ceil(2.1), math.floor(-2.1), math.trunc(-2.7), math.sqrt(16), math.gcd(12, 18), math.lcm(4, 6), math.factorial(10), math.comb(5, 2), math.perm(5, 2), math.isclose(0.1 + 0.2, 0.3), math.isnan(math.nan), math.isinf(math.inf), math.hypot(3, 4), math.copysign(1, -0.0), math.fsum([0.1] * 10), math.prod([2, 3, 4]), math.isqrt(17), math.fmod(-7, 3), math.modf(2.5), math.frexp(8.0), math.degrees(math.pi), math.pi, math.e]

# case: logarithms and angles to ten digits
import math
values = [f"{value:.10g}" for value in (math.log(10), math.log10(1000), math.log2(8), math.log(8, 2), math.exp(1), math.sin(1), math.cos(1), math.tan(1), math.atan2(1, 2), math.radians(180))]

# case: the root of a negative number
import math
value = math.sqrt(-1)

# case: fractions
# differs: modules
from fractions import Fraction
half = Fraction(1, 2) + Fraction(1, 3)
texts = [str(half), str(Fraction("0.125")), float(half), half > Fraction(4, 5), Fraction(6, 8).denominator]
half = None

# case: statistics
# differs: modules
import statistics
values = [statistics.mean([1, 2, 3, 4]), statistics.median([3, 1, 2]), statistics.median([1, 2, 3, 4]), statistics.mode("aabbb"), round(statistics.stdev([1, 2, 3, 4]), 6)]
