"""`%rust_status` and `%rust_clean`: what is there, what is old, and who may remove it."""

from __future__ import annotations

import re
import time

import pytest

from kernels import Kernel, kernel

pytestmark = [pytest.mark.rust, pytest.mark.alone]

RUN = time.time_ns()
"""New in each run of the tests: a build that the cache has is not installed again."""


def cell(weight: int, name: str = "told") -> str:
    return f"""%%rust_module {name}
// {RUN}
use pyo3::prelude::*;

#[pyclass]
struct Stone {{ #[pyo3(get)] weight: i64 }}

#[pymethods]
impl Stone {{
    #[new]
    fn new() -> Self {{ Stone {{ weight: {weight} }} }}
}}
"""


def good(running: Kernel, code: str) -> str:
    result = running.run(code)
    assert result.ok, result.text
    return result.text


def test_generations_old_objects_size_and_age(live: Kernel):
    good(live, cell(1))
    good(live, "first = told.Stone(); kind = told.Stone; unrelated = 5")
    status = good(live, "%rust_status")
    assert "told [debug] installed, generation 1, " in status
    assert re.search(r" MB, built \d+ s ago", status)
    assert "first:" not in status
    good(live, cell(2))
    good(live, "second = told.Stone()")
    status = good(live, "%rust_status")
    assert "told [debug] installed, generation 2, " in status
    assert "first: a told.Stone of generation 1; the module is at generation 2" in status
    assert "kind:" not in status, "renewed with the build"
    assert "second:" not in status
    assert "unrelated" not in status
    assert " MB in " in status


def test_a_class_kept_from_an_earlier_build_is_told(live: Kernel):
    good(live, "shelf = [told.Stone]")
    good(live, cell(3))
    good(live, "kept = shelf[0]")
    assert "kept: told.Stone of generation 2; the module is at generation 3" in good(
        live, "%rust_status"
    )


def test_objects_of_a_removed_module_say_so(live: Kernel):
    good(live, "last = told.Stone()")
    assert good(live, "%rust_clean told").strip() == "removed told"
    status = good(live, "%rust_status")
    assert "last: a told.Stone of generation 3; the module was removed" in status
    assert live.value("last.weight") == "3"
    assert good(live, "%rust_clean").strip() == "nothing to remove"


def test_all_removes_other_kernels_modules_and_says_which_run(live: Kernel):
    with kernel() as other:
        good(other, cell(7, "theirs"))
        good(other, "%rust_status")
        refused = live.run("%rust_clean theirs")
        assert not refused.ok
        assert "not installed by this kernel: theirs" in refused.text
        assert "removed theirs (of another kernel that runs" in good(live, "%rust_clean --all")
        assert other.value("theirs.Stone().weight") == "7"


def test_what_an_ended_kernel_left_goes_by_its_name(live: Kernel):
    with kernel() as other:
        good(other, cell(7, "left_behind"))
        good(other, "%rust_status")
    assert good(live, "%rust_clean left_behind").strip() == "removed left_behind"
    assert not live.run("%rust_clean left_behind").ok


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%rust_clean --all told", "--all and names exclude each other"),
        ("%rust_clean --everything", "unrecognized arguments: --everything"),
        ("%rust_clean nothing_of_the_kind", "not installed by this kernel"),
    ],
)
def test_wrong_lines_are_refused(live: Kernel, line: str, said: str):
    result = live.run(line)
    assert not result.ok
    assert said in result.text
