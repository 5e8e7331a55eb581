"""What Tab offers at a place of a Rust cell."""

from __future__ import annotations

import pytest

from rustcell.magics.line import MODULE, parser_of
from rustcell.notebook.completion import Offer, offer

BODY = """\
use pyo3::prelude::*;

#[pyfunction]
fn print_all(values: Vec<f64>) -> f64 {
    let total = values.iter().sum();
    |
}
"""


def at_mark(text: str) -> Offer | None:
    """What is offered where `|` stands."""
    before = text.partition("|")[0]
    row = before.count("\n")
    column = len(before.rpartition("\n")[2])
    parser = parser_of("rust_module", MODULE)
    return offer(
        text.replace("|", ""), row, column, lambda name: parser if name == "rust_module" else None
    )


def words(text: str) -> list[str]:
    found = at_mark(text)
    assert found is not None
    return [word for word, _ in found.words]


def in_body(line: str) -> list[str]:
    return words("%%rust_module geometry\n" + BODY.replace("|", line))


def test_the_cells_own_names_come_before_rusts_and_none_of_pythons():
    assert in_body("pri|") == ["print_all", "priv", "print!", "println!"]


def test_an_unfinished_word_is_not_offered_to_itself():
    assert "tot" not in in_body("tot|")
    assert in_body("tot|") == ["total"]
    assert in_body("t|ot")[0] == "total"


def test_after_a_dot_come_the_cells_names_alone():
    assert in_body("total.su|") == ["sum"]
    assert "fn" not in in_body("total.|")
    assert "sum" in in_body("total.|")


def test_a_word_that_fits_nothing_stays_as_it_is_so_that_python_has_no_say():
    assert in_body("zzz|") == ["zzz"]


def test_attributes_in_an_attribute_and_options_in_their_brackets():
    assert words("%%rust_module g\nfn pyfish() {}\n#[pyf|") == ["pyfunction"]
    assert "getter" in words("%%rust_module g\n#[|]\nfn f() {}")
    assert words("%%rust_module g\n#[pyclass(froz|") == ["frozen"]
    assert words("%%rust_module g\n#[pyfunction]\nfn whi|") == ["while"]


def test_a_name_of_the_cell_in_a_signature():
    text = "%%rust_module g\n#[pyo3(signature = (wid|))]\nfn area(width: f64) {}"
    assert words(text) == ["width"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%%rust_module g --rel|", ["--release"]),
        ("%%rust_module g --expect-|", ["--expect-error", "--expect-warning", "--expect-only"]),
        ("%%rust_module g --expect-error E038|", ["E0381", "E0382", "E0384"]),
        ("%%rust_module g --expect-error=E0502|", ["E0502"]),
        ("%%rust_module g --expect-warning unused_v|", ["unused_variables"]),
        ("%%rust_module g --dep ray|", ["rayon", "rayon-core"]),
        ("%%rust_module g --dep rayon --rel|", ["--release"]),
        ("%%rust_module g --features num-bigint,num-c|", ["num-complex"]),
        ("%%rust_module g --profile |", ["dev", "release", "test", "bench"]),
        ("%%rust_module g --edition 202|", ["2021", "2024"]),
        ("%rust_explain E0382|", ["E0382"]),
    ],
)
def test_the_magic_line(line: str, expected: list[str]):
    assert words(line) == expected


def test_options_say_what_they_are_for():
    found = at_mark("%%rust_module g --back|")
    assert found == Offer("--back", (("--backtrace", "A panic of this module shows its stack"),))


def test_crates_of_the_course_come_first_with_their_versions():
    found = at_mark("%%rust_module g --dep |")
    assert found is not None
    names = [name for name, _ in found.words]
    assert names.index("rayon") < names.index("autocfg")
    assert "rustcell_support" not in names
    assert dict(found.words)["rayon"].startswith("1.")


@pytest.mark.parametrize(
    "text",
    [
        "pri|",
        "import os\n%%rust_module g\npri|",
        "%%bash\n%%rust_module g\npri|",
        "%%rust_file g Cargo.toml\npri|",
        "%%rust_unknown x --|",
        "%%rust_module|",
        "%%time\npri|",
    ],
)
def test_elsewhere_ipython_answers(text: str):
    assert at_mark(text) is None


@pytest.mark.parametrize(
    "head", ["\n\n%%rust_module g", "%%time\n%%rust_module g", "%%rust_file g src/shapes.rs"]
)
def test_blank_lines_and_other_magics_may_stand_above(head: str):
    assert "println!" in words(f"{head}\nprintl|")


@pytest.mark.parametrize(
    "text", ["%%rust_module g\n#[|", '%%rust_module g\n"|', "%%rust_module g\n|"]
)
def test_broken_and_empty_text_is_no_trouble(text: str):
    assert words(text)


def test_the_options_of_a_line_magic():
    assert words("x = 1\n%rust_module geometry --st|") == ["--star"]
    assert words("%rust_module --prof|") == ["--profile"]
    assert at_mark("%rust_module geo|") is None
    assert at_mark("%rust_unknown --st|") is None
    assert at_mark("print(a %rust_module --st|") is None
