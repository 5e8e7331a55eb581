"""Tests for pytest out of a notebook's cells that are tagged `check`.

A kernel is told neither tags nor, outside of Jupyter's servers, which notebook it runs. What is
read is the saved file.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import symtable
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rustcell.errors import OptionsError

TAG = "check"
_TESTS = "%%check "
"""Begins a cell whose body is test functions already."""


@dataclass(frozen=True)
class TestFile:
    """A test file's text, how many cells it is from, and why other check cells are not in it."""

    __test__ = False  # for pytest, which collects classes by their names

    text: str
    cells: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Cell:
    """A code cell and its place in the notebook, counted from 1."""

    number: int
    text: str
    tags: tuple[str, ...]

    @property
    def is_check(self) -> bool:
        return TAG in self.tags

    @property
    def has_tests(self) -> bool:
        return self.text.startswith(_TESTS)

    @property
    def is_python(self) -> bool:
        return self.has_tests or not self.text.startswith("%%")

    @property
    def body(self) -> str:
        """The text below the first line."""
        return self.text.partition("\n")[2].strip()

    @property
    def has_magics(self) -> bool:
        text = self.body if self.has_tests else self.text
        return any(line.startswith(("%", "!")) for line in text.splitlines())

    @property
    def code(self) -> str:
        """The cell without the lines that are IPython's."""
        lines = (line for line in self.text.splitlines() if not line.startswith(("%", "!")))
        return "\n".join(lines) + "\n"

    @property
    def tree(self) -> ast.Module | None:
        return ast.parse(self.code) if _compiles(self.code) else None


def import_test(module: str, members: Sequence[str]) -> TestFile:
    """Return the one test that needs no notebook: the module has its public members."""
    listed = "".join(f'        "{name}",\n' for name in sorted(members))
    names = f"{{\n{listed}    }}" if members else "set()"
    test = f"def test_public_names():\n    assert {names} <= set(dir({module}))"
    return TestFile(_file(f"What {module} offers.", [f"import {module}"], [test]))


def tests_of(notebook: Path, module: str, source: str, members: Sequence[str]) -> TestFile:
    """Return the tests of a module that a saved notebook holds.

    A check cell becomes a function; a cell `%%check ID` holds test functions already. What they
    use of other cells stands above them, as far as it is an import, a function, a class or a
    constant. A cell that needs more is left out. Without any, `import_test` is returned.

    Parameters
    ----------
    source:
        The Rust text of the module's cell: the checks below it are meant, down to where another
        cell builds the module anew.
    members:
        The module's public names, which a cell may use without an import.

    Raises
    ------
    OptionsError
        When the file is no notebook.
    """
    cells = _cells(notebook)
    checked = _below(cells, module, source)
    known = {name: f"from {module} import {name}" for name in members}
    known[module] = f"import {module}"
    above: dict[str, None] = {known[module]: None}
    tests, left_out = [], []
    for cell in (cell for cell in cells if cell.is_python):
        tree = cell.tree
        needs, unknown = _needs(cell.code, known) if tree else ([], [])
        code = cell.text if cell.has_magics else cell.code
        if cell.is_check and cell.number in checked and _mentions(module, [code, *needs]):
            name = f"test_cell_{cell.number}"
            test = cell.code.strip() if cell.has_tests else _function(name, cell.code)
            if cell.has_magics or tree is None or not _compiles(test):
                left_out.append(f"cell {cell.number} is not plain Python")
            elif unknown:
                left_out.append(f"cell {cell.number} uses {', '.join(unknown)} of other cells")
            else:
                above |= dict.fromkeys(needs)
                tests.append(test)
        if tree and not cell.has_tests:
            known |= _definitions(cell.code, tree)
    if not tests:
        alone = import_test(module, members)
        return TestFile(alone.text, 0, tuple(left_out))
    about = f"From the check cells of {notebook.name}."
    return TestFile(_file(about, list(above), tests), len(tests), tuple(left_out))


def _file(about: str, above: Sequence[str], tests: Sequence[str]) -> str:
    imports = [text for text in above if text.startswith(("import ", "from "))]
    others = [text for text in above if text not in imports]
    return "\n\n\n".join([f'"""{about}"""\n\n' + "\n".join(imports), *others, *tests]) + "\n"


def _cells(notebook: Path) -> list[_Cell]:
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        return [
            _Cell(number, "".join(cell["source"]), tuple(cell["metadata"].get("tags", ())))
            for number, cell in enumerate(content["cells"], start=1)
            if cell["cell_type"] == "code"
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OptionsError(
            f"{notebook.name} cannot be read as a notebook",
            "Save the notebook, or give its path: %rust_export NAME DIR --notebook PATH",
        ) from error


def _below(cells: Sequence[_Cell], module: str, source: str) -> range:
    """Return the numbers of the cells below the one that builds the module from this source.

    A notebook may build a module of one name several times, each time with its own checks.
    """
    builds = re.compile(rf"%%rust_module\b.*\b{re.escape(module)}\b")
    own = [cell for cell in cells if builds.match(cell.text) or cell.body == source.strip()]
    same = [cell.number for cell in own if cell.body == source.strip()]
    first = (same or [cell.number for cell in own] or [0])[-1]
    return range(first, min((c.number for c in own if c.number > first), default=sys.maxsize))


def _mentions(module: str, texts: Sequence[str]) -> bool:
    """Tell whether code names a module: by itself or in an import."""
    for text in texts:
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except SyntaxError:
            return module in text
        names = [node.id for node in nodes if isinstance(node, ast.Name)]
        names += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        names += [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        if any(name.split(".")[0] == module for name in names):
            return True
    return False


def _needs(code: str, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return the definitions that code uses, also by way of each other, and unknown names."""
    waiting, needed, unknown = sorted(_free_names(code)), set[str](), set[str]()
    while waiting:
        name = waiting.pop()
        if name in needed or name in unknown or (name not in known and hasattr(builtins, name)):
            continue
        if name in known:
            needed.add(name)
            waiting += _free_names(known[name])
        else:
            unknown.add(name)
    return [known[name] for name in known if name in needed], sorted(unknown)


def _free_names(code: str) -> set[str]:
    """Return the global names that code uses and does not define."""
    top = symtable.symtable(code, "cell", "exec")
    defined = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    used, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        used |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (table is top or symbol.is_global())
        }
    return used - defined - {"__name__"}


def _definitions(code: str, tree: ast.Module) -> dict[str, str]:
    """Return the sources of a cell's imports, functions, classes and constants by their names."""
    lines = code.split("\n")
    found: dict[str, str] = {}
    for node in tree.body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        text = "\n".join(lines[first - 1 : node.end_lineno])
        found |= dict.fromkeys(_defined(node), text)
    return found


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        try:
            ast.literal_eval(node.value)
        except ValueError:
            return []
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def _function(name: str, code: str) -> str:
    """Return a cell's code as a function; what is inside of texts over several lines stays."""
    inside: set[int] = set()
    for node in ast.walk(ast.parse(code)) if _compiles(code) else ():
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        ):
            inside.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    lines = [
        line if number in inside or not line.strip() else f"    {line}"
        for number, line in enumerate(code.rstrip().split("\n"), start=1)
    ]
    return "\n".join([f"def {name}():", *lines]).rstrip()


def _compiles(code: str) -> bool:
    try:
        compile(code, "test", "exec")
    except (SyntaxError, ValueError):
        return False
    return True
