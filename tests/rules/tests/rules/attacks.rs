//! Rules that attack the engine and the machine it runs on, and how each may end.

/// How an attack may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The engine itself stops it: what was assigned before is kept. Any of these kinds.
    Told(&'static [&'static str]),
    /// It may have to be stopped from outside, with any of these codes, or be told as above.
    Stopped(&'static [&'static str], &'static [&'static str]),
}

pub(crate) const TIME: &str = "host.deadline";
pub(crate) const MEMORY: &str = "host.memory-limit";

const ENDLESS: End = End::Stopped(&[TIME], &["TimeoutError"]);
/// The interpreter ends when one value is held more often than it can count, as lists of millions do.
pub(crate) const TRAP: &str = "host.trap";
const GREEDY: End = End::Stopped(
    &[TIME, MEMORY, TRAP],
    &["MemoryError", "OverflowError", "TimeoutError"],
);
const DEEP: End = End::Told(&["RecursionError"]);
pub(crate) const UNREADABLE: End = End::Told(&["SyntaxError", "RecursionError", "MemoryError"]);
/// A module, function or file that is not there.
const ABSENT: End = End::Told(&[
    "ImportError",
    "ModuleNotFoundError",
    "NameError",
    "AttributeError",
    "PermissionError",
    "FileNotFoundError",
    "OSError",
    "RuntimeError",
]);

/// What is attacked with, and how that may end.
pub(crate) fn attacks() -> Vec<(&'static str, String, End)> {
    let source = |name, source: &str, end| (name, source.to_owned(), end);
    vec![
        source("a text of 100 gigabytes", "x = 'a' * 10**11\n", GREEDY),
        source(
            "a text that doubles",
            "x = 'a' * 10**9\nwhile True: x = x + x\n",
            GREEDY,
        ),
        source(
            "a list that grows",
            "x = []\nwhile True: x.append('a' * 1000)\n",
            GREEDY,
        ),
        source("a list of itself", "x = [0] * 10**9\n", GREEDY),
        source(
            "a dictionary that grows",
            "x = {}\nn = 0\nwhile True:\n    x[n] = str(n)\n    n += 1\n",
            GREEDY,
        ),
        source("a padded text", "x = 'a'.ljust(10**10)\n", GREEDY),
        source("a percent sign with a width", "x = '%1000000000d' % 1\n", GREEDY),
        source("an f-string with a width", "x = f'{1:1000000000d}'\n", GREEDY),
        source(
            "a replaced text",
            "x = ('a' * 10**6).replace('a', 'b' * 10**6)\n",
            GREEDY,
        ),
        source("a join", "x = ('a' * 10**6).join(['b'] * 10**6)\n", GREEDY),
        source("all numbers", "x = list(range(10**12))\n", GREEDY),
        source("a power", "x = 10**10**7\n", GREEDY),
        source("a tower of powers", "x = 9**9**9\n", GREEDY),
        source("a shift", "x = 1 << 10**10\n", GREEDY),
        source("a factorial", "import math\nx = math.factorial(10**7)\n", GREEDY),
        source(
            "a product without end",
            "import itertools\nx = list(itertools.product(range(1000), repeat=10))\n",
            GREEDY,
        ),
        source("bytes", "x = bytes(10**11)\n", GREEDY),
        source("printing without end", "while True: print('a' * 1000)\n", GREEDY),
        source("a loop without end", "while True: pass\n", ENDLESS),
        source(
            "a loop that catches all",
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n",
            ENDLESS,
        ),
        source(
            "a comprehension without end",
            "import itertools\nx = sum(1 for n in itertools.count() if n < 0)\n",
            ENDLESS,
        ),
        source(
            "any of nothing without end",
            "import itertools\nx = any(itertools.repeat(0))\n",
            ENDLESS,
        ),
        source(
            "a pattern that goes back and back",
            "import re\nx = re.match('(a+)+$', 'a' * 40 + 'b')\n",
            ENDLESS,
        ),
        source(
            "a generator without end",
            "def f():\n    while True: yield 1\nfor x in f(): pass\n",
            ENDLESS,
        ),
        source("a recursion", "def f(): return f()\nx = f()\n", DEEP),
        source(
            "a recursion through repr",
            "class A:\n    def __repr__(self): return repr(self)\nx = repr(A())\n",
            DEEP,
        ),
        source(
            "a recursion through a sort key",
            "def key(n): return sorted([n], key=key)\nx = sorted([1], key=key)\n",
            DEEP,
        ),
        source(
            "a recursion through getattr",
            "class A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nx = A().y\n",
            DEEP,
        ),
        source(
            "a recursion through map",
            "def f(n): return list(map(f, [n]))\nx = f(1)\n",
            DEEP,
        ),
        source(
            "a recursion through comparison",
            "class A:\n    def __eq__(self, other): return self == other\nx = A() == A()\n",
            DEEP,
        ),
        source(
            "a list in a list in a list",
            "x = []\nfor n in range(100000): x = [x]\ny = repr(x)\n",
            // Letting go of it is as deep as it is.
            End::Stopped(&[TRAP], &["RecursionError"]),
        ),
        source(
            "a nested JSON",
            "import json\nx = json.loads('[' * 100000 + ']' * 100000)\n",
            DEEP,
        ),
        source("null bytes", "x = 1\0\n", UNREADABLE),
        (
            "10,000 brackets",
            format!("x = {}{}\n", "(".repeat(10_000), ")".repeat(10_000)),
            UNREADABLE,
        ),
        (
            "10,000 lists",
            format!("x = {}{}\n", "[".repeat(10_000), "]".repeat(10_000)),
            UNREADABLE,
        ),
        ("1,000 nested ifs", nested_ifs(1_000), UNREADABLE),
        (
            "a minus 50,000 times",
            format!("x = {}1\n", "-".repeat(50_000)),
            UNREADABLE,
        ),
        (
            "a not 20,000 times",
            format!("x = {}1\n", "not ".repeat(20_000)),
            UNREADABLE,
        ),
        (
            "10,000 lambdas",
            format!("x = {}1\n", "lambda: ".repeat(10_000)),
            UNREADABLE,
        ),
        (
            "10,000 subscripts",
            format!("x = a{}\n", "[0]".repeat(10_000)),
            UNREADABLE,
        ),
        (
            "10,000 attributes",
            format!("x = a{}\n", ".b".repeat(10_000)),
            UNREADABLE,
        ),
        (
            "f-strings in f-strings",
            format!("x = {}1{}\n", "f'{".repeat(1_000), "}'".repeat(1_000)),
            UNREADABLE,
        ),
        source("a file that is read", "x = open('/etc/passwd').read()\n", ABSENT),
        source(
            "a file that is written",
            "open('/tmp/helpbell-rules', 'w').write('x')\n",
            ABSENT,
        ),
        source(
            "another import",
            "os = __import__('os')\nx = os.environ\n",
            ABSENT,
        ),
        source(
            "an import by its machinery",
            "import importlib\nx = importlib.import_module('os').environ\n",
            ABSENT,
        ),
        source(
            "an import through a module",
            "import random\nx = random._os.environ\n",
            ABSENT,
        ),
        source(
            "an import through the loader",
            "import re\nx = re.__loader__.load_module('os').environ['PATH']\n",
            End::Told(&["ImportError", "ModuleNotFoundError", "AttributeError", "KeyError"]),
        ),
        source(
            "input",
            "x = input()\n",
            End::Told(&[
                "NameError",
                "EOFError",
                "RuntimeError",
                "OSError",
                "AttributeError",
            ]),
        ),
        source("a breakpoint", "breakpoint()\n", ABSENT),
    ]
}

pub(crate) fn nested_ifs(depth: usize) -> String {
    let mut source = String::new();
    for level in 0..depth {
        source.push_str(&" ".repeat(level));
        source.push_str("if 1:\n");
    }
    source + &" ".repeat(depth) + "x = 1\n"
}
