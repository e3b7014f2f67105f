"""Runs once, when the engine is prepared: what scripts find around them.

Everything here is frozen into the engine afterwards. Names with a leading underscore are the engine's own; it finds
them in the module `_start`.
"""

import sys

# Set by the engine while it prepares: name -> source, of packages under "name.__init__".
_sources = {}

# What scripts may import, besides what these import themselves.
OFFERED = (
    "bisect", "calendar", "collections", "copy", "datetime", "enum", "functools", "heapq", "itertools", "json",
    "math", "operator", "random", "re", "string", "textwrap", "time",
)


class _Library:
    """Finds the library's modules while the engine is prepared, and says what there is afterwards."""

    def find_spec(self, name, path=None, target=None):
        package = name + ".__init__" in _sources
        if package or name in _sources:
            return _Spec(name, self, origin=name, is_package=package)
        if _sources:
            return None
        raise ModuleNotFoundError(
            f"there is no module {name!r} for rules; there are: {', '.join(OFFERED)}", name=name
        )

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        source = _sources.get(name) or _sources[name + ".__init__"]
        exec(compile(source, name, "exec", 0, True, 2), module.__dict__)


class _Output:
    """What scripts print, up to a bound: the rest is dropped."""

    MOST = 20_000

    def __init__(self):
        self.parts = []
        self.length = 0

    def write(self, text):
        room = self.MOST - self.length
        if room > 0:
            self.parts.append(text[:room])
            self.length += len(self.parts[-1])
        return len(text)

    def flush(self):
        pass

    def taken(self):
        return "".join(self.parts)


_output = _Output()
# Seconds since 1970 that scripts see, and how far local time is ahead.
_clock = [0.0, 0]
_classifier_missed = []


def _has(name):
    return name in sys.modules or name in sys.builtin_module_names


def _has_builtin(name):
    import builtins

    return hasattr(builtins, name) or name in ("__name__", "__builtins__")


def _codec(name):
    """Beside UTF-8 and ASCII, which are always there: what regular expressions over bytes are read with."""
    import codecs

    if name.replace("-", "_") in ("latin1", "latin_1", "iso8859_1", "iso_8859_1"):
        return codecs.CodecInfo(codecs.latin_1_encode, codecs.latin_1_decode, name="iso8859-1")
    return None


def _sliced(value, start, stop, step):
    """value[start:stop:step], letter by letter where the interpreter cannot."""
    if type(value) is str and not value.isascii():
        return _picked(value, *slice(start, stop, step).indices(len(value)))
    return value[start:stop:step]


def _prepare():
    global _Spec
    import codecs
    import gc
    from _frozen_importlib import ModuleSpec as _Spec

    import time

    codecs.register(_codec)
    time.tzname, time.timezone, time.altzone, time.daylight = ("UTC", "UTC"), 0, 0, 0
    finder = _Library()
    sys.meta_path.append(finder)
    # The others are imported by these only when they are needed, and then there is no source any more.
    for name in (*OFFERED, "_strptime", "warnings"):
        __import__(name)
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = _output
    _set_clock()
    _set_builtins()
    _sources.clear()
    # A run is short and its memory bounded: looking for cycles would touch all of the library, which is shared until then.
    gc.collect()
    gc.freeze()
    gc.disable()


def _set_clock():
    import time

    gmtime, strftime, asctime, mktime_utc = time.gmtime, time.strftime, time.asctime, _seconds

    def now():
        return _clock[0]

    def localtime(seconds=None):
        moment = gmtime((now() if seconds is None else seconds) + _clock[1])
        offset = _clock[1]
        sign = "-" if offset < 0 else "+"
        zone = "UTC" if offset == 0 else f"UTC{sign}{abs(offset) // 3600:02}:{abs(offset) % 3600 // 60:02}"
        return time.struct_time((*moment[:9], zone, offset))

    def utc(seconds=None):
        return gmtime(now() if seconds is None else seconds)

    def wait(seconds):
        raise RuntimeError("rules cannot wait: the person is waiting for them")

    time.time = time.monotonic = time.perf_counter = time.process_time = time.thread_time = now
    time.time_ns = time.monotonic_ns = time.perf_counter_ns = time.process_time_ns = lambda: int(now() * 1_000_000_000)
    time.localtime = localtime
    time.gmtime = utc
    time.strftime = lambda format, moment=None: strftime(format, localtime() if moment is None else moment)
    time.asctime = lambda moment=None: asctime(localtime() if moment is None else moment)
    time.ctime = lambda seconds=None: asctime(localtime(seconds))
    time.mktime = lambda moment: float(mktime_utc(moment) - _clock[1])
    time.sleep = wait


def _seconds(moment):
    import calendar

    return calendar.timegm(tuple(moment))


def _set_builtins():
    import builtins

    def refused(what):
        def function(*args, **kwargs):
            raise RuntimeError(f"rules have no {what}")

        return function

    builtins.open = refused("files")
    builtins.input = refused("keyboard")
    builtins.breakpoint = refused("debugger")
    builtins.ai_categorize = ai_categorize


def ai_categorize(text, categories):
    """The incumbent's answer for a text that fits nowhere: there is no classifier."""
    _classifier_missed.append(1)
    return {"best_match": None, "matches": [], "scores": {category: 0 for category in categories}}
