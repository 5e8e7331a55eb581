"""Imports point one way: edges, then the two halves, then what both stand on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "magics" / "rustcell"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "target" not in path.parts)

# What both halves may use.
SHARED = {"rustcell", "rustcell.errors"}
# Only these know IPython or click; nothing imports them but the package's two front doors.
EDGES = {"rustcell.magic", "rustcell.cli"}
FRONT_DOORS = {"rustcell", "rustcell.__main__"}


def name_of(path: Path) -> str:
    parts = ("rustcell", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports at run time, also inside functions, as dotted names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hints = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path.name}: write imports in full"
            known = {name_of(module) for module in MODULES}
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in known else str(node.module)


def all_imports() -> dict[str, set[str]]:
    return {name_of(path): set(imports(path)) for path in MODULES}


def own(found: set[str]) -> set[str]:
    return {name for name in found if name.split(".")[0] == "rustcell"}


def test_the_course_half_knows_neither_ipython_nor_the_cell_half():
    for module, found in all_imports().items():
        if not module.startswith("rustcell.course"):
            continue
        assert not {name for name in found if name.split(".")[0] == "IPython"}, module
        foreign = {n for n in own(found) - SHARED if not n.startswith("rustcell.course")}
        assert not foreign, f"{module} imports {foreign}"


def test_the_cell_half_does_not_know_the_course():
    for module, found in all_imports().items():
        if module.startswith("rustcell.course") or module in EDGES:
            continue
        assert not {n for n in found if n.startswith("rustcell.course")}, module


def test_lessons_helpers_stand_beside_the_cells():
    known = {"rustcell.process", "rustcell.errors", "rustcell.builds"}
    for module, found in all_imports().items():
        if module.startswith("rustcell.teaching"):
            foreign = {n for n in own(found) if not n.startswith("rustcell.teaching")} - known
            assert not foreign, f"{module} imports {foreign}"
            assert not {name for name in found if name.split(".")[0] == "IPython"}, module
        else:
            assert not {n for n in found if n.startswith("rustcell.teaching")}, module


def test_nothing_imports_the_edges():
    for module, found in all_imports().items():
        if module not in FRONT_DOORS:
            assert not found & EDGES, module


def test_errors_stands_on_nothing():
    assert own(all_imports()["rustcell.errors"]) == set()


def test_no_import_goes_round():
    graph = {module: own(found) - {"rustcell"} for module, found in all_imports().items()}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        if module in way:
            pytest.fail(" -> ".join((*way[way.index(module) :], module)))
        if module in done or module not in graph:
            return
        for needed in graph[module]:
            visit(needed, (*way, module))
        done.add(module)

    for module in graph:
        visit(module, ())


def test_the_rules_see_an_import_inside_a_function(tmp_path):
    path = tmp_path / "module.py"
    path.write_text("def f():\n    from rustcell.magic import load\n")
    assert set(imports(path)) == {"rustcell.magic"}
