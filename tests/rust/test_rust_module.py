"""`%%rust_module` as a person uses it: a real kernel, real cargo, real maturin."""

from __future__ import annotations

import os
import re

import pytest

from kernels import Kernel, kernel

pytestmark = pytest.mark.rust

AREA = """use pyo3::prelude::*;

#[pyfunction]
fn area(width: f64, height: f64) -> f64 {
    width * height + NUMBER
}
"""


def area(name: str, number: str = "0.0", options: str = "") -> str:
    return f"%%rust_module {name} {options}\n{AREA.replace('NUMBER', number)}"


def test_a_cell_is_a_live_module_and_says_what_is_in_it(live: Kernel) -> None:
    result = live.run(area("first"))
    assert result.ok, result.text
    assert result.shown[-1]["text/plain"] == "first [debug]\n  area(width, height)"
    assert "debug" in result.shown[-1]["text/html"]
    assert live.value("first.area(2, 3)") == "6.0"


def test_the_badge_says_release(live: Kernel) -> None:
    result = live.run(area("optimised", options="--release"))
    assert result.shown[-1]["text/plain"].startswith("optimised [release]")


def test_an_edit_is_live_without_restart_and_old_objects_keep_their_code(live: Kernel) -> None:
    cell = """%%rust_module shapes
use pyo3::prelude::*;

#[pyclass]
struct Square { side: i64 }

#[pymethods]
impl Square {
    #[new]
    fn new(side: i64) -> Self { Square { side } }
    fn size(&self) -> i64 { self.side * SIDES }
}
"""
    assert live.run(cell.replace("SIDES", "2")).ok
    assert live.run("old = shapes.Square(5)").ok
    assert live.run(cell.replace("SIDES", "4")).ok
    assert live.value("old.size(), shapes.Square(5).size()") == "(10, 20)"
    assert live.value("isinstance(old, shapes.Square)") == "False"


def test_from_imported_names_follow_the_new_build(live: Kernel) -> None:
    assert live.run(area("renewing", "1.0")).ok
    assert live.run("from renewing import area as surface\nimport renewing as r\nx = 1").ok
    result = live.run(area("renewing", "2.0"))
    assert "renewed: r, surface" in result.text
    assert live.value("surface(1, 1), r.area(1, 1), x") == "(3.0, 3.0, 1)"


def test_a_name_that_is_gone_stays_and_is_told(live: Kernel) -> None:
    assert live.run(area("shrinking")).ok
    assert live.run("from shrinking import area").ok
    result = live.run(area("shrinking").replace("fn area", "fn surface"))
    assert "the new one has no such name: area" in result.text
    assert live.value("area(2, 2)") == "4.0"


def test_running_an_earlier_body_again_gives_that_build(live: Kernel) -> None:
    assert live.run(area("again", "1.0")).ok
    assert live.run("kept = [again]").ok
    assert live.run(area("again", "2.0")).ok
    assert live.run(area("again", "1.0")).ok
    assert live.value("again is kept[0], again.area(0, 0)") == "(True, 1.0)"
    assert live.run(area("again", "1.0", "--force")).ok
    assert live.value("again is kept[0], again.area(0, 0)") == "(False, 1.0)"


def test_an_unchanged_cell_starts_no_process(live: Kernel) -> None:
    code = area("still")
    assert live.run(code).ok
    assert live.run("%rust_status").ok
    watch = """
import subprocess
_real, _started = subprocess.Popen, []
class _Watched(_real):
    def __init__(self, *args, **kwargs):
        _started.append(args)
        super().__init__(*args, **kwargs)
subprocess.Popen = _Watched
"""
    assert live.run(watch).ok
    assert live.run(code).ok
    assert live.value("_started") == "[]"
    assert live.run("subprocess.Popen = _real").ok
    assert live.run(code.replace("+ 0.0", "+ 0.25")).ok
    assert live.value("still.area(1, 1)") == "1.25"


def test_a_new_kernel_takes_the_build_from_the_cache(live: Kernel) -> None:
    code = area("cached", f"{os.getpid()}.5", "-v")
    assert "cached: built (" in live.run(code).text
    with kernel() as other:
        assert "from memory or the cache" in other.run(code).text
        assert other.value("cached.area(0, 0)") == f"{os.getpid()}.5"


def test_verbose_tells_why_it_was_built(live: Kernel) -> None:
    number = str(os.getpid() / 7)
    first = live.run(area("reasons", number, "-v"))
    assert "reasons: built (" in first.text
    assert "code" in live.run(area("reasons", number + "1", "-v")).text.split("built (")[1]
    changed = live.run(area("reasons", number + "1", "-v --edition 2021"))
    assert "built (changed: other files, edition)" in changed.text
    assert "cargo rustc" in changed.text


def test_a_compile_error_is_rustcs_own_text_with_the_cells_lines(live: Kernel) -> None:
    result = live.run("%%rust_module wrong\n" + AREA.replace("NUMBER", '"one"'))
    assert result.ename == "BuildError"
    assert result.evalue == "wrong does not compile: 1 error: E0277"
    assert "\x1b[" in result.traceback
    assert "--> %%rust_module wrong:6:" in result.text
    assert "rust_explain E0277" in result.text
    assert "trait" in live.run("%rust_explain E0277").text


def test_plain_text_has_no_colours(live: Kernel) -> None:
    result = live.run("%%rust_module wrong --plain\n" + AREA.replace("NUMBER", '"one"'))
    assert result.ename == "BuildError"
    assert "\x1b[" not in result.traceback
    assert live.run("%rust_plain on").ok
    assert "\x1b[" not in live.run("%%rust_module wrong\nfn f() { 1 + }").traceback
    assert live.run("%rust_plain off").ok


@pytest.mark.parametrize(
    ("above", "line"),
    [("", 3), ("\n\n", 5), ("%%time\n", 4), ("\n%%time\n", 5), ("\n\n\n\n\n\n", 9)],
)
def test_line_n_of_the_editor_is_line_n_of_the_message(live: Kernel, above: str, line: int) -> None:
    result = live.run(f"{above}%%rust_module lines\n#[pyo3::pyfunction]\nfn f() {{ nope }}\n")
    assert f"%%rust_module lines:{line}:" in result.text, result.text


def test_a_panic_names_the_cell_and_no_thread_number(live: Kernel) -> None:
    cell = """%%rust_module panics
use pyo3::prelude::*;

#[pyfunction]
fn third() -> i32 {
    let few = vec![1, 2];
    few[few.len() + 1]
}
"""
    assert live.run(cell).ok
    first, second = live.run("panics.third()"), live.run("panics.third()")
    assert first.ename == "PanicException"
    assert first.stderr.startswith("thread '<unnamed>' panicked at %%rust_module panics:7:")
    assert first.stderr == second.stderr
    assert "backtrace" not in first.stderr
    assert live.run(cell.replace("panics", "panics --backtrace", 1)).ok
    assert "stack backtrace:" in live.run("panics.third()").stderr


def test_errors_collect_no_rust_stack_whatever_the_machine_says() -> None:
    cell = """%%rust_module stacks
use std::backtrace::Backtrace;

#[pyo3::pyfunction]
fn captured() -> String {
    format!("{:?}", Backtrace::capture().status())
}
"""
    theirs = {"RUST_BACKTRACE": "1", "RUST_LIB_BACKTRACE": "full"}
    with kernel(env=theirs) as running:
        assert running.run(cell).ok
        assert running.value("stacks.captured()") == "'Disabled'"
        assert running.run("%unload_ext rustcell").ok
        names = [f"__import__('os').environ[{name!r}]" for name in theirs]
        assert [running.value(name) for name in names] == ["'1'", "'full'"]


def test_what_rust_prints_comes_in_order(live: Kernel) -> None:
    cell = """%%rust_module printing
use pyo3::prelude::*;

#[pyfunction]
fn say() {
    println!("two");
    print!("three");
}
"""
    assert live.run(cell).ok
    result = live.run('print("one")\nprinting.say()\nprint(" four")')
    assert result.stdout == "one\ntwo\nthree four\n"


def test_a_warning_is_shown_again_by_a_cached_build(live: Kernel) -> None:
    cell = "%%rust_module warned\n" + AREA.replace("NUMBER", "0.0") + "\nfn forgotten() {}\n"
    first, second = live.run(cell), live.run(cell)
    assert "function `forgotten` is never used" in first.text
    assert first.text == second.text
    with kernel() as other:
        assert other.run(cell).text == first.text


def test_an_expected_error_makes_a_green_cell_that_binds_nothing(live: Kernel) -> None:
    assert live.run(area("lesson")).ok

    def wrong(expectation: str) -> str:
        body = AREA.replace("NUMBER", '"one"')
        return f"%%rust_module lesson --expect-error {expectation}\n{body}"

    for _ in range(2):
        result = live.run(wrong("E0277"))
        assert result.ok, result.text
        assert "Expected: E0277. Came: E0277." in result.text
    assert live.value("lesson.area(1, 1)") == "1.0"
    assert live.run(wrong('"cannot add"')).ok
    assert live.run(wrong("")).ok
    other = live.run(wrong("E0308"))
    assert other.ename == "BuildError"
    assert "expected E0308; came E0277" in other.evalue
    compiles = live.run(area("lesson", options="--expect-error E0277"))
    assert compiles.ename == "BuildError"
    assert "lesson compiles, but the cell expects E0277" in compiles.evalue


def test_several_expectations_must_all_occur(live: Kernel) -> None:
    body = 'fn f() -> i32 { "a" }\nfn g() { nope }\n'
    both = "%%rust_module several --expect-error E0308 --expect-error E0425"
    assert live.run(f"{both}\n{body}").ok
    assert live.run(f"{both} --expect-only\n{body}").ok
    one = live.run(f"%%rust_module several --expect-error E0308 --expect-only\n{body}")
    assert one.ename == "BuildError"


def test_an_expected_warning(live: Kernel) -> None:
    body = AREA.replace("NUMBER", "0.0") + "\nfn forgotten() {}\n"
    assert live.run(f"%%rust_module warns --expect-warning dead_code\n{body}").ok
    missing = live.run(f"%%rust_module warns --expect-warning unused_variables\n{body}")
    assert missing.ename == "BuildError"
    assert "expected unused_variables; came dead_code" in missing.evalue


def test_star_binds_the_public_names(live: Kernel) -> None:
    assert live.run(area("stars", options="--star").replace("fn area", "fn area_of_star")).ok
    assert live.value("area_of_star(2, 2)") == "4.0"


def test_show_prints_the_crate_and_builds_nothing(live: Kernel) -> None:
    result = live.run(area("shown", options="--show"))
    assert result.ok
    for part in ('name = "rustcell-shown"', "[tool.maturin]", "===== src/lib.rs =====", "fn area"):
        assert part in result.stdout
    assert not re.search(r"/(home|root|tmp|Users)/", result.stdout)
    assert live.run("shown").ename == "NameError"


def test_quiet_says_nothing(live: Kernel) -> None:
    result = live.run(area("quiet", options="-q"))
    assert result.ok
    assert result.text == ""


def test_dependencies_and_features_of_the_committed_lock_need_no_network(live: Kernel) -> None:
    cell = """%%rust_module huge --features num-bigint --dep num-bigint
use num_bigint::BigUint;
use pyo3::prelude::*;

#[pyfunction]
fn power(base: u32, exponent: u32) -> BigUint {
    BigUint::from(base).pow(exponent)
}
"""
    result = live.run(cell)
    assert result.ok, result.text
    assert live.value("huge.power(2, 100) == 2**100") == "True"
    with kernel(env={"CARGO_NET_OFFLINE": "true"}) as offline:
        result = offline.run(cell.replace("pow(exponent)", "pow(exponent + 1)"))
        assert result.ok, result.text
        assert offline.value("huge.power(2, 99) == 2**100") == "True"


def test_a_file_that_the_code_includes_belongs_to_the_key(live: Kernel, tmp_path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("one")
    cell = f"""%%rust_module including
use pyo3::prelude::*;

#[pyfunction]
fn note() -> &'static str {{ include_str!({str(note)!r}) }}
""".replace("'" + str(note) + "'", '"' + str(note) + '"')
    assert live.run(cell).ok
    assert live.value("including.note()") == "'one'"
    note.write_text("two")
    assert live.run(cell).ok
    assert live.value("including.note()") == "'two'"


def test_syntax_that_the_parser_does_not_know_still_builds(live: Kernel) -> None:
    cell = """%%rust_module newest
use pyo3::prelude::*;

#[pyfunction]
fn both(a: Option<i32>, b: Option<i32>) -> i32 {
    if let Some(a) = a && let Some(b) = b && a > b { a } else { 0 }
}

#[pyfunction]
fn address(value: i64) -> bool { !(&raw const value).is_null() }
"""
    result = live.run(cell)
    assert result.ok, result.text
    assert live.value("newest.both(3, 2), newest.address(1)") == "(3, True)"


def test_help_reads_well(live: Kernel) -> None:
    shown = live.run("%%rust_module?")
    assert shown.ok
    reply = live.client.inspect("%%rust_module", len("%%rust_module"), reply=True, timeout=30)
    text = reply["content"]["data"]["text/plain"]
    for word in ("--release", "--expect-error", "geometry.area(2, 3)"):
        assert word in text


def test_an_echo_of_a_mistake_in_our_own_lines_is_left_out(live: Kernel) -> None:
    result = live.run("""%%rust_module echo
use pyo3::prelude::*;
#[pyfunction]
#[pyo3(signature = (film, count=1))]
fn price(film: &str, age: u32) -> String { format!("{film} {age}") }
""")
    assert result.ename == "BuildError"
    lines = [int(n) for n in re.findall(r"%%rust_module echo:(\d+)", result.text)]
    assert lines
    assert max(lines) <= 5, result.text


def test_a_panic_inside_a_crate_names_no_folder_of_this_machine(live: Kernel) -> None:
    code = """%%rust_module grows
use pyo3::prelude::*;
use pyo3::types::PyDict;

#[pyfunction]
fn grow(found: &Bound<'_, PyDict>) -> PyResult<()> {
    for (key, _) in found {
        found.set_item((key, 1), 1)?;
    }
    Ok(())
}
"""
    assert live.run(code).ok
    result = live.run("grows.grow({1: 2})")
    assert result.ename == "PanicException"
    assert "panicked at pyo3-0.30.1/src/types/dict.rs:" in result.text
