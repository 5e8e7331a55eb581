"""Which Pythons a program can be linked with."""

from __future__ import annotations

import pytest

from rustcell.building.embedding import obstacle

DEBIAN = {"Py_ENABLE_SHARED": 1, "LDVERSION": "3.11", "VERSION": "3.11"}


def python(tmp_path, *files):
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_shared_libpython_is_found_in_its_folder(tmp_path):
    base = python(tmp_path, "multiarch/libpython3.11.so")
    assert obstacle({**DEBIAN, "LIBDIR": str(base / "multiarch")}, base, "linux") is None


def test_a_moved_python_has_it_below_its_prefix(tmp_path):
    base = python(tmp_path, "lib/libpython3.11.so")
    assert obstacle({**DEBIAN, "LIBDIR": "/install/lib"}, base, "linux") is None


def test_condas_interpreter_is_static_but_its_library_is_not(tmp_path):
    base = python(tmp_path, "conda-meta/history", "lib/libpython3.12.so")
    variables = {"Py_ENABLE_SHARED": 0, "LDVERSION": "3.12", "LIBDIR": str(base / "lib")}
    assert obstacle(variables, base, "linux") is None


def test_a_static_python_cannot_be_embedded(tmp_path):
    base = python(tmp_path, "lib/libpython3.12.a")
    error = obstacle({"Py_ENABLE_SHARED": 0, "LIBDIR": str(base / "lib")}, base, "linux")
    assert error is not None
    assert "cannot embed here" in error.message
    assert "without a shared libpython" in error.message
    assert "--enable-shared" in error.mend


def test_without_the_development_package_the_linker_finds_nothing(tmp_path):
    base = python(tmp_path, "lib/libpython3.11.so.1.0")
    error = obstacle({**DEBIAN, "LIBDIR": str(base / "lib")}, base, "linux")
    assert error is not None
    assert "libpython3.11.so" in error.message
    assert "python3-dev" in error.mend


@pytest.mark.parametrize(
    ("variables", "platform"), [({}, "win32"), ({"PYTHONFRAMEWORK": "Python"}, "darwin")]
)
def test_windows_and_frameworks_always_have_one(variables, platform, tmp_path):
    assert obstacle(variables, tmp_path, platform) is None
