"""The one place that rules live in: dates and numbers are written as Python writes them without a locale."""

LC_CTYPE, LC_COLLATE, LC_TIME, LC_MONETARY, LC_MESSAGES, LC_NUMERIC, LC_ALL = range(7)


class Error(Exception):
    pass


def setlocale(category, locale=None):
    if locale in (None, "", "C", ("C", None), (None, None)):
        return "C"
    raise Error("rules have no other locale than C")


def getlocale(category=LC_CTYPE):
    return (None, None)


def localeconv():
    return {"decimal_point": ".", "thousands_sep": "", "grouping": []}


def strcoll(one, other):
    return (one > other) - (one < other)


def strxfrm(text):
    return text
