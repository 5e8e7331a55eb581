"""Which errors get a hint, and what it says."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from rustcell.building.builds import Build, Outside
from rustcell.errors import plain_text
from rustcell.notebook.explain import ErrorHints, explanation, two_classes

NO_INSTANCE = "'Circle' object is not an instance of 'Circle'"


def generation(name: str, **values: Any) -> tuple[Build, types.ModuleType]:
    module = types.ModuleType(name)
    vars(module).update(values)
    nothing = Build(Path(), name, "0", {}, {}, (), Outside())
    return nothing, module


def circle(name: str = "geometry") -> tuple[Build, types.ModuleType]:
    return generation(name, Circle=type("Circle", (), {"__module__": name}))


def raised(code: str, **names: Any) -> BaseException:
    try:
        exec(compile(code, "<cell>", "exec"), names)
    except OverflowError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    "message",
    [
        NO_INSTANCE,
        "'Circle' object cannot be converted to 'Circle'",
        "descriptor 'grow' for 'Circle' objects doesn't apply to a 'Circle' object",
        "descriptor 'grow' for 'g.Circle' objects doesn't apply to a 'g.Circle' object",
    ],
)
def test_two_builds_of_one_class(message: str):
    hint = two_classes(message, [circle(), circle("other"), circle()])
    assert hint is not None
    assert "another build of `geometry`" in hint
    assert "`geometry.Circle`" in hint
    assert "\n" not in hint


def test_two_modules_with_a_class_of_one_name():
    hint = two_classes(NO_INSTANCE, [circle("geometry"), circle("physics")])
    assert hint is not None
    assert "`geometry.Circle` and `physics.Circle` are two classes" in hint


@pytest.mark.parametrize(
    ("message", "generations"),
    [
        ("'str' object is not an instance of 'Circle'", [circle(), circle()]),
        (NO_INSTANCE, [circle()]),
        (NO_INSTANCE, []),
        ("unsupported operand", [circle(), circle()]),
    ],
)
def test_other_type_errors_are_left_alone(message: str, generations: list[Any]):
    assert two_classes(message, generations) is None


def test_a_runtime_hint_only_where_the_failing_expression_names_the_module():
    ours = generation("geometry", Circle=type("Circle", (), {"__module__": "geometry"}))
    geometry = ours[1]

    error = raised("geometry.Circle, (1 << 99).to_bytes(1)", geometry=geometry)
    assert explanation(error, [ours]) is None
    error = raised("(1 << 99).to_bytes(geometry.Circle and 1)", geometry=geometry)
    hint = explanation(error, [ours])
    assert hint is not None
    assert hint.startswith("Python's number does not fit")


def test_a_panic_always_has_one():
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})
    hint = explanation(panic("oh"), [])
    assert hint is not None
    assert "BaseException" in hint


def test_an_error_is_shown_even_if_the_hint_fails(capsys: pytest.CaptureFixture[str]):
    def broken() -> list[Any]:
        raise ValueError("no builds")

    shell = InteractiveShell()
    hints = ErrorHints(shell, broken)
    hints.install()
    shell.run_cell("raise TypeError('shown')")
    hints.uninstall()
    assert "TypeError: shown" in plain_text(capsys.readouterr().out)
    assert "_showtraceback" not in vars(shell)
