"""Python's math. Floating point comes from _math; what works on whole numbers of any size is written here."""

import _math
from _math import (
    acos, acosh, asin, asinh, atan, atan2, atanh, cbrt, copysign, cos, cosh, erf, erfc, exp, exp2, expm1, fabs, fma,
    fmod, frexp, fsum, gamma, hypot, isfinite, isinf, isnan, lgamma, log1p, modf, nextafter, pow, remainder, sin, sinh, sqrt,
    tan, tanh, ulp,
)

pi = 3.141592653589793
e = 2.718281828459045
tau = 6.283185307179586
inf = float("inf")
nan = float("nan")


def _whole(value):
    if isinstance(value, int):
        return int(value)
    try:
        index = type(value).__index__
    except AttributeError:
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer") from None
    return index(value)


def _logarithm(value, of_float, per_bit):
    """Of whole numbers beyond the reach of floating point, too: by the bits that are too many."""
    if not isinstance(value, int) or value.bit_length() <= 1000:
        return of_float(value)
    if value <= 0:
        raise ValueError("math domain error")
    shift = value.bit_length() - 1000
    return of_float(value >> shift) + shift * per_bit


def log(x, base=None, /):
    value = _logarithm(x, _math.log, 0.6931471805599453)
    return value if base is None else value / log(base)


def log2(x, /):
    return _logarithm(x, _math.log2, 1.0)


def log10(x, /):
    return _logarithm(x, _math.log10, 0.3010299956639812)


def ldexp(x, i, /):
    # Beyond these every number is zero or infinite.
    return _math.ldexp(x, max(-5000, min(5000, i)))


def _rounded(value, method):
    rounding = getattr(type(value), method, None)
    if rounding is not None:
        return rounding(value)
    if not hasattr(type(value), "__float__"):
        raise TypeError(f"must be real number, not {type(value).__name__}")
    return getattr(float(value), method)()


def ceil(x, /):
    return _rounded(x, "__ceil__")


def floor(x, /):
    return _rounded(x, "__floor__")


def trunc(x, /):
    rounding = getattr(type(x), "__trunc__", None)
    if rounding is None:
        raise TypeError(f"type {type(x).__name__} doesn't define __trunc__ method")
    return rounding(x)


def degrees(x, /):
    return x * (180.0 / pi)


def radians(x, /):
    return x * (pi / 180.0)


def _gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def gcd(*integers):
    result = 0
    for number in integers:
        result = _gcd(result, abs(_whole(number)))
    return result


def lcm(*integers):
    result = 1
    for number in integers:
        number = abs(_whole(number))
        if number == 0:
            return 0
        result = result // _gcd(result, number) * number
    return result


def isqrt(n, /):
    n = _whole(n)
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    if n == 0:
        return 0
    guess = 1 << (n.bit_length() + 1) // 2
    while True:
        better = (guess + n // guess) // 2
        if better >= guess:
            return guess
        guess = better


def factorial(n, /):
    n = _whole(n)
    if n < 0:
        raise ValueError("factorial() not defined for negative values")
    result = 1
    for number in range(2, n + 1):
        result *= number
    return result


def perm(n, k=None, /):
    if k is None:
        return factorial(n)
    n, k = _whole(n), _whole(k)
    if n < 0:
        raise ValueError("n must be a non-negative integer")
    if k < 0:
        raise ValueError("k must be a non-negative integer")
    result = 1
    for number in range(n - k + 1, n + 1):
        result *= number
    return result if k <= n else 0


def comb(n, k, /):
    n, k = _whole(n), _whole(k)
    if n < 0:
        raise ValueError("n must be a non-negative integer")
    if k < 0:
        raise ValueError("k must be a non-negative integer")
    if k > n:
        return 0
    result = 1
    for step in range(1, min(k, n - k) + 1):
        result = result * (n - step + 1) // step
    return result


def prod(iterable, /, *, start=1):
    for factor in iterable:
        start = start * factor
    return start


def sumprod(p, q, /):
    return sum(a * b for a, b in zip(p, q, strict=True))


def dist(p, q, /):
    p, q = tuple(p), tuple(q)
    if len(p) != len(q):
        raise ValueError("both points must have the same number of dimensions")
    return hypot(*(a - b for a, b in zip(p, q)))


def isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0):
    if rel_tol < 0.0 or abs_tol < 0.0:
        raise ValueError("tolerances must be non-negative")
    if a == b:
        return True
    if isinf(a) or isinf(b):
        return False
    difference = fabs(b - a)
    return difference <= fabs(rel_tol * b) or difference <= fabs(rel_tol * a) or difference <= abs_tol
