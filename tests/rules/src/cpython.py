"""Runs rules with the CPython of this machine, as the engine would.

Each line of standard input is a list of runs as JSON; it is answered by a line that tells what each came to. Clock and
chance are those of the run.
"""

import contextlib
import io
import json
import os
import sys

# The library's own text of these modules asks `time`, which can be given another clock; the compiled one asks the
# operating system.
sys.modules["_datetime"] = None

import datetime  # noqa: E402
import random  # noqa: E402
import re  # noqa: E402
import time  # noqa: E402
import types  # noqa: E402

# What rules are called in tracebacks.
FILE = "<rules>"
# The range of `s64`, in which whole numbers stay whole numbers.
WHOLE = range(-(2**63), 2**63)


def set_clock(clock_ms, offset_minutes):
    """The time of the press, in the zone of the press."""
    sign = "-" if offset_minutes >= 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    # POSIX counts westwards.
    os.environ["TZ"] = f"<local>{sign}{hours:02}:{minutes:02}"
    time.tzset()
    seconds = clock_ms / 1000
    zoned = (zone_of["localtime"], zone_of["gmtime"], zone_of["strftime"])
    localtime, gmtime, strftime = zoned
    time.time = lambda: seconds
    time.time_ns = lambda: clock_ms * 1_000_000
    time.localtime = lambda at=None: localtime(seconds if at is None else at)
    time.gmtime = lambda at=None: gmtime(seconds if at is None else at)
    time.strftime = lambda form, at=None: strftime(form, time.localtime() if at is None else at)


zone_of = {name: getattr(time, name) for name in ("localtime", "gmtime", "strftime")}


def as_value(value):
    """A value as it leaves the rules."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int) and value in WHOLE:
        return int(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return list(value)
    # A whole number that is too large leaves as its digits; what is no plain value leaves as none.
    return str(value) if isinstance(value, int) else None


def is_data(value):
    """Whether it is something that a rule made for itself, not a function, class or module."""
    machinery = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)
    return not isinstance(value, machinery) and not hasattr(value, "__wrapped__")


def kind_of(error):
    # Until 3.13 it had a name that says nothing.
    return "PatternError" if isinstance(error, re.error) else type(error).__name__


def failure_of(error):
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return {"kind": type(error).__name__, "message": error.msg, "line": error.lineno}
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return {"kind": kind_of(error), "message": str(error), "line": line}


def run(task):
    set_clock(task["clock_ms"], task["offset_minutes"])
    random.seed(task["seed"])
    # As a module of its own: classes look themselves up by its name.
    rules = types.ModuleType("__main__")
    sys.modules["__main__"] = rules
    names = rules.__dict__
    given = task["variables"]
    names.update(given)
    before = set(names) | {"__builtins__", "__annotations__"}
    output = io.StringIO()
    failure = None
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(task["source"], FILE, "exec"), names)
        except SystemExit:
            pass
        except BaseException as error:  # noqa: BLE001
            failure = failure_of(error)
    made = {name: value for name, value in names.items() if name not in before}
    return {
        "variables": {name: as_value(names.get(name)) for name in given},
        "created": {name: repr(value) for name, value in made.items() if is_data(value)},
        "other": [name for name, value in made.items() if not is_data(value)],
        "output": output.getvalue(),
        "failure": failure,
    }


def main():
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogatepass")
    for line in sys.stdin:
        print(json.dumps([run(task) for task in json.loads(line)]), flush=True)


main()
