"""Which lines of a cell belong to what Python sees."""

from __future__ import annotations

import json
import types
from pathlib import Path

import pytest

from rustcell.building import builds
from rustcell.building.builds import Build, Outside
from rustcell.live.origins import Origin, find_source, members, origin_of, source_of

BODY = """\
use pyo3::prelude::*;

/// Area.
#[pyfunction]
fn area(width: f64) -> f64 {
    width
}

create_exception!(geometry, TooBig, PyValueError);

#[pyclass(get_all)]
struct Circle { radius: f64, area: f64 }

#[pymethods]
impl Circle {
    #[new]
    fn new(radius: f64) -> Self { Circle { radius, area: 0.0 } }
    #[getter]
    fn get_width(&self) -> f64 { 1.0 }
    #[setter]
    fn set_width(&mut self, value: f64) {}
}

impl Circle { fn hidden(&self) {} }

mod inner {
    #[pyfunction]
    fn deep() {}
}
"""


def build(source: str = BODY, lines_above: int = 1, folder: Path = Path("nowhere")) -> Build:
    return Build(
        folder=folder,
        name="geometry",
        key="0",
        words={},
        files={"geometry/geometry.so": ""},
        diagnostics=(),
        outside=Outside(),
        source=source,
        lines_above=lines_above,
    )


def found(path: str) -> tuple[int, str]:
    source = find_source(Origin(build(), path))
    assert source is not None
    return source.line, source.text


def test_a_function_begins_with_its_docs_and_has_the_line_of_the_editors_cell():
    line, text = found("area")
    assert line == 4
    assert text.splitlines()[0] == "/// Area."
    assert text.endswith("width\n}")


def test_a_class_comes_with_its_pymethods_and_no_other_impl():
    line, text = found("Circle")
    assert line == 12
    assert "fn new" in text
    assert "hidden" not in text


def test_a_method_is_found_by_its_python_name_and_a_property_with_its_setter():
    assert found("Circle.__new__")[1].startswith("    #[new]")
    text = found("Circle.width")[1]
    assert "get_width" in text
    assert "set_width" in text


@pytest.mark.parametrize("member", ["Circle.radius", "Circle.__eq__", "Circle.area"])
def test_a_member_without_code_of_its_own_shows_its_class(member: str):
    assert found(member) == found("Circle")


def test_rusts_modules_may_be_nested_otherwise_than_pythons():
    assert "fn deep" in found("deep")[1]
    assert "fn deep" in found("other.inner.deep")[1]


def test_what_a_macro_makes_shows_the_macro():
    assert found("TooBig") == (10, "create_exception!(geometry, TooBig, PyValueError);")


def test_the_module_is_the_whole_cell():
    line, text = found("")
    assert line == 2
    assert text == BODY.rstrip()


def test_no_item_and_no_kept_source_give_nothing():
    assert find_source(Origin(build(), "nothing")) is None
    assert find_source(Origin(build(source=""), "area")) is None


def test_an_object_from_elsewhere_is_refused_with_its_name():
    with pytest.raises(OSError, match="not built from a Rust cell: <built-in function len>"):
        source_of(len)


def test_an_object_is_found_in_the_newest_build_that_holds_it():
    old, new = types.ModuleType("geometry"), types.ModuleType("geometry")
    for module in (old, new):
        module.Circle = type("Circle", (), {})  # type: ignore[attr-defined]
    generations = [(build(lines_above=1), old), (build(lines_above=5), new)]
    for module, lines_above in ((old, 1), (new, 5)):
        origin = origin_of(module.Circle(), generations)
        assert origin is not None
        assert (origin.path, origin.build.lines_above) == ("Circle", lines_above)


def test_imported_modules_inside_a_module_are_not_searched():
    module = types.ModuleType("geometry")
    module.json = json  # type: ignore[attr-defined]
    paths = {path for path, _ in members(module)}
    assert "json" in paths
    assert "json.loads" not in paths


def test_source_and_lines_survive_the_manifest_and_old_manifests_are_read(tmp_path: Path):
    (tmp_path / "geometry").mkdir()
    for name in ("__init__.py", "geometry.so"):
        (tmp_path / "geometry" / name).touch()
    module = types.ModuleType("geometry")
    module.__file__ = str(tmp_path / "geometry" / "__init__.py")
    build(lines_above=3, folder=tmp_path).seal()
    again = builds.of_module(module)
    assert again is not None
    assert (again.source, again.lines_above) == (BODY, 3)

    manifest = tmp_path / builds.MANIFEST
    content = json.loads(manifest.read_text())
    del content["source"], content["lines_above"]
    manifest.write_text(json.dumps(content))
    old = builds.of_module(module)
    assert old is not None
    assert old.source == ""
