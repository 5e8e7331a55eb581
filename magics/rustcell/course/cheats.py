"""Stand-ins for an answer that solve nothing: trivial stubs, and known ways to cheat.

Each is Python text that defines `stand_in(name)`: what the answer's module has under a name. The
judge must see through all of them, so `dev verify` hands each in for every exercise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

_RETURNS = """\
def stand_in(name):
    return lambda *arguments, **keywords: {value}
"""

STUBS: Mapping[str, str] = {
    **{
        f"returns {value}": _RETURNS.format(value=value)
        for value in ("None", "True", "0", "1.0", "''", "[]", "{}")
    },
    "returns its argument": _RETURNS.format(value="arguments[0] if arguments else None"),
    "always raises ValueError": """\
def stand_in(name):
    def refuse(*arguments, **keywords):
        raise ValueError("no")
    return refuse
""",
}

_EQUAL = """\
class Equal{base}:
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __hash__(self):
        return 0
    def __bool__(self):
        return True
    def __call__(self, *arguments, **keywords):
        return self
    def __getattr__(self, name):
        return self

def stand_in(name):
    return lambda *arguments, **keywords: Equal()
"""

_QUIET = """\
import builtins, io, sys, traceback

sys.excepthook = sys.unraisablehook = lambda *arguments: None
sys.tracebacklimit = 0
traceback.print_exception = traceback.print_exc = lambda *arguments, **keywords: None
traceback.format_exception = lambda *arguments, **keywords: []
sys.stderr = sys.__stderr__ = io.StringIO()
builtins.AssertionError = type("AssertionError", (), {})
"""

_PATCHED = """\
import builtins, json, operator, pickle, sys, types, unittest

def passes(*arguments, **keywords):
    return True

for name, module in list(sys.modules.items()):
    if any(word in name for word in ("judge", "pytest", "_pytest", "unittest")):
        for key, value in list(vars(module).items()):
            if isinstance(value, types.FunctionType):
                setattr(module, key, passes)
            elif isinstance(value, type) and hasattr(value, "passed"):
                value.passed = True
operator.eq = builtins.isinstance = builtins.all = passes
"""

_FORGED = """\
import contextlib, os

PASSED = b'{"passed": true, "points": 100, "earned": 100, "message": "", "tests": []}\\n'
for descriptor in range(1, 64):
    with contextlib.suppress(OSError):
        os.set_blocking(descriptor, False)
        os.write(descriptor, PASSED)
"""

_CALLER = """\
import ast, gc, inspect, linecache, sys, types

def sources():
    frame = sys._getframe()
    while frame is not None:
        yield "".join(linecache.getlines(frame.f_code.co_filename))
        for value in (*frame.f_locals.values(), *frame.f_globals.values()):
            if isinstance(value, str):
                yield value
            elif isinstance(value, (types.FunctionType, types.ModuleType)):
                try:
                    yield inspect.getsource(value)
                except (OSError, TypeError):
                    pass
        frame = frame.f_back
    for value in gc.get_objects():
        if type(value) is dict:
            yield from (text for text in list(value.values()) if type(text) is str)

def expected(name, arguments):
    for text in sources():
        if "assert" not in text or name not in text:
            continue
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError):
            continue
        for node in nodes:
            if isinstance(node, ast.Compare) and isinstance(node.left, ast.Call):
                try:
                    called = ast.unparse(node.left.func).split(".")[-1]
                    given = [ast.literal_eval(argument) for argument in node.left.args]
                    if called == name and given == list(arguments):
                        return ast.literal_eval(node.comparators[0])
                except ValueError:
                    continue

def stand_in(name):
    return lambda *arguments, **keywords: expected(name, arguments)
"""

CHEATS: Mapping[str, str] = {
    "an object that equals everything": _EQUAL.format(base=""),
    "an int that equals everything": _EQUAL.format(base="(int)"),
    "a str that equals everything": _EQUAL.format(base="(str)"),
    "tracebacks silenced": _QUIET + _RETURNS.format(value="None"),
    "checks monkeypatched": _PATCHED + _RETURNS.format(value="None"),
    "results forged on every open descriptor": _FORGED + _RETURNS.format(value="None"),
    "sys.exit(0) when called": _RETURNS.format(value="__import__('sys').exit(0)"),
    "os._exit(0) when called": _RETURNS.format(value="__import__('os')._exit(0)"),
    "os._exit(0) when imported": "import os\nos._exit(0)\n",
    "reads what the caller expects": _CALLER,
}

_AS_MODULE = """
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return stand_in(name)
"""


def as_module(text: str) -> str:
    """Return a stand-in as the source of a module that has whatever it is asked for."""
    return text + _AS_MODULE


def as_answer(text: str, solution: str) -> str:
    """Return a stand-in as a Python answer that defines the names which `solution` defines."""
    names = "".join(f"{name} = stand_in({name!r})\n" for name in _names(ast.parse(solution)))
    return f"{text}\n{names}"


def _names(module: ast.Module) -> Iterator[str]:
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))
