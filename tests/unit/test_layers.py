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
# The cell half, each package above those before it. Packages in one row do not know each other.
CELL_HALF = (
    {"tools"},
    {"crates"},
    {"messages"},
    {"building"},
    {"live"},
    {"programs", "projects", "notebook"},
)
# These know IPython's magics, click or Jupyter's server, and may use both halves.
EDGES = {"cli", "magics", "server_extension"}
# Nothing but these two stands above the edges.
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
        known = SHARED | {"rustcell.judge"}
        foreign = {n for n in own(found) - known if not n.startswith("rustcell.course")}
        assert not foreign, f"{module} imports {foreign}"


def package_of(module: str) -> str:
    """The first part of a name inside of rustcell; "" for rustcell itself."""
    return module.split(".")[1] if "." in module else ""


def test_each_package_of_the_cell_half_uses_those_below_it_only():
    below = {"", "errors"}
    placed = set()
    for row in CELL_HALF:
        for module, found in all_imports().items():
            if package_of(module) in row:
                mine = package_of(module)
                foreign = {n for n in own(found) if package_of(n) not in below | {mine}}
                assert not foreign, f"{module} imports {foreign}"
        below |= row
        placed |= row
    all_packages = {package_of(module) for module in all_imports()}
    others = {"", "__main__", "errors", "course", "judge", "teaching"} | EDGES
    assert all_packages == placed | others


def test_only_the_edges_know_the_course():
    for module, found in all_imports().items():
        if package_of(module) in EDGES | {"course"}:
            continue
        assert not {n for n in found if n.startswith("rustcell.course")}, module


def test_the_judge_knows_neither_half():
    known = {"rustcell", "rustcell.errors", "rustcell.tools.process", "rustcell.notebook.native"}
    for module, found in all_imports().items():
        if module.startswith("rustcell.judge"):
            foreign = {n for n in own(found) if not n.startswith("rustcell.judge")} - known
            assert not foreign, f"{module} imports {foreign}"
            assert not {name for name in found if name.split(".")[0] == "IPython"}, module
        elif package_of(module) not in EDGES | {"course"}:
            assert not {n for n in found if n.startswith("rustcell.judge")}, module


def test_lessons_helpers_stand_beside_the_cells():
    known = {"rustcell.tools.process", "rustcell.errors"}
    known |= {"rustcell.building", "rustcell.building.builds", "rustcell.building.cache"}
    for module, found in all_imports().items():
        if module.startswith("rustcell.teaching"):
            foreign = {n for n in own(found) if not n.startswith("rustcell.teaching")} - known
            assert not foreign, f"{module} imports {foreign}"
            assert not {name for name in found if name.split(".")[0] == "IPython"}, module
        else:
            assert not {n for n in found if n.startswith("rustcell.teaching")}, module


def test_nothing_imports_the_edges():
    for module, found in all_imports().items():
        if module not in FRONT_DOORS and package_of(module) not in EDGES:
            assert not {name for name in own(found) if package_of(name) in EDGES}, module


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
    path.write_text("def f():\n    from rustcell.magics.module import load\n")
    assert set(imports(path)) == {"rustcell.magics.module"}
