"""What PyO3 used to call things, for code from older tutorials, and today's name.

The versions are those of PyO3's own change log and migration guide.
"""

from __future__ import annotations

from rustcell.messages.hint_rules import FROM_PY_OBJECT, Rule


def _old(name: str, today: str, *, of: str = "", code: str = "") -> Rule:
    """Make the rule for a name rustc no longer finds (or calls deprecated).

    `of` guards a name that other libraries use too: it must be in the message as well.
    """
    missing = r"^(?=no .+ named|cannot find|unresolved import|use of (?:undeclared|deprecated)"
    missing += r"|failed to resolve|\w+ `\w+` is private|method `\w+` is not a member)"
    return Rule(today, rf"{missing}(?=.*(?:{of})).*`(?:[^`]*::)?(?:{name})`", line=code)


_PYTHON = r"Python<"
_OBJECT = r"(?:Bound|Borrowed|Py|PyRef)<|PyAny"
_EXCEPTION = r"(?!Py)[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit|Iteration)|Exception"

OLD_NAMES = (
    _old("with_gil", "`Python::with_gil` is `Python::attach` since PyO3 0.26."),
    _old("with_gil_unchecked", "It is `Python::attach_unchecked` since PyO3 0.26."),
    _old(
        "acquire_gil|GILGuard",
        "`Python::acquire_gil` was removed in PyO3 0.19: use `Python::attach(|py| ...)`.\n"
        "A #[pyfunction] just takes `py: Python<'_>` as a parameter.",
    ),
    _old("allow_threads", "`py.allow_threads(...)` is `py.detach(...)` since PyO3 0.26."),
    _old(
        "prepare_freethreaded_python",
        "`prepare_freethreaded_python()` is `Python::initialize()` since PyO3 0.26.",
    ),
    _old("PyObject", "`PyObject` is written `Py<PyAny>` since PyO3 0.26."),
    _old(
        "PyCell",
        "`PyCell` is gone since the `Bound` types of PyO3 0.21: write `&Bound<'_, T>` for\n"
        "`&PyCell<T>`, and `Bound::new(py, value)?` for `PyCell::new`.",
    ),
    _old("downcast", "`.downcast::<T>()` is `.cast::<T>()` since PyO3 0.27.", of=_OBJECT),
    _old(
        "downcast_(?P<how>into|exact|unchecked|into_exact|into_unchecked)",
        "`.downcast_$how::<T>()` is `.cast_$how::<T>()` since PyO3 0.27.",
        of=_OBJECT,
    ),
    _old(
        "Downcast(?P<into>Into)?Error|PyDowncastError",
        "The error of a failed cast is `Cast${into}Error` since PyO3 0.27.",
    ),
    _old("cast_as", "`.cast_as::<T>()` is `.cast::<T>()` today (renamed in PyO3 0.18, 0.27)."),
    _old(
        "PyTryFrom|PyTryInto",
        "There is no `PyTryFrom` any more (deprecated in PyO3 0.21): call `.cast::<T>()`.",
    ),
    _old(
        "into_py|IntoPy|to_object|ToPyObject",
        "`IntoPy` and `ToPyObject` are `IntoPyObject` since PyO3 0.23: `x.into_pyobject(py)?`,\n"
        "or `x.into_py_any(py)?` (pyo3::IntoPyObjectExt) for a `Py<PyAny>`.",
    ),
    _old(
        "AsPyPointer",
        "The trait was removed in PyO3 0.25: `.as_ptr()` works without it; delete the import.",
    ),
    _old(
        "extract_bound",
        FROM_PY_OBJECT,
    ),
    _old(
        "(?P<new>(?!extract)\\w+)_bound",
        "The suffix went away in PyO3 0.23: `${new}_bound` is `$new`.",
    ),
    _old("GILOnceCell", "`GILOnceCell` is `pyo3::sync::PyOnceLock` since PyO3 0.26."),
    _old(
        "GILProtected",
        "Deprecated in PyO3 0.26: use `std::sync::Mutex`, locked by `lock_py_attached(py)`\n"
        "(pyo3::sync::MutexExt).",
    ),
    _old(
        "py_err",
        '`py_err` is `new_err` since PyO3 0.12: `PyValueError::new_err("...")`.',
    ),
    _old(
        f"(?P<new>{_EXCEPTION})",
        "Python's exceptions are `pyo3::exceptions::Py...` since PyO3 0.12: `Py$new`.",
        of="exceptions",
    ),
    _old("from_instance", "It is `PyErr::from_value` since PyO3 0.16.", of="PyErr"),
    _old(
        "ObjectProtocol",
        "The trait was removed in PyO3 0.10: the methods come with `use pyo3::prelude::*;`.",
    ),
    _old(
        "is_instance",
        "Ask the object, not `py` (PyO3 0.14): `obj.is_instance_of::<T>()`.",
        of=_PYTHON,
    ),
    _old("release", "Just drop the object; `py.release` went away in PyO3 0.14.", of=_PYTHON),
    _old(
        "from_(?P<kind>borrowed|owned)_ptr(?P<rest>_or_err|_or_opt)?",
        "Since PyO3 0.23: `unsafe { Bound::from_${kind}_ptr$rest(py, ptr) }`.",
        of=_PYTHON,
    ),
    _old(
        "args",
        "#[args(...)] was removed in PyO3 0.20: write #[pyo3(signature = (x, y=1))].",
        of="scope",
        code=r"#\[args",
    ),
    _old(
        "text_signature",
        '#[text_signature = "..."] is #[pyo3(text_signature = "...")] since PyO3 0.14;\n'
        "PyO3 writes a good one by itself.",
    ),
    _old("name", '#[name = "..."] is #[pyo3(name = "...")] since PyO3 0.14.', code=r"#\[name\s*="),
    _old(
        "call",
        "#[call] is not needed since PyO3 0.15: name the method `__call__`.",
        of="scope",
        code=r"#\[call\]",
    ),
    _old(
        "pyproto|Py\\w+Protocol",
        "#[pyproto] was removed in PyO3 0.18: write `__repr__`, `__len__` and so on as\n"
        "plain methods in #[pymethods].",
    ),
    _old(
        "as_(?:fortran_)?(?:mut_)?slice",
        "Unsound, and deprecated in PyO3 0.30: copy with `buffer.to_vec(py)?`,\n"
        "`copy_to_slice(py, ..)?` or `copy_from_slice(py, ..)?`.",
        of="PyBuffer|unsound",
    ),
    _old(
        "PyMutex",
        "`PyMutex` is in `pyo3::sync` since PyO3 0.30, for CPython 3.13 and newer only;\n"
        "`std::sync::Mutex` with `pyo3::sync::MutexExt` works everywhere.",
    ),
    _old(
        "PYFN_ATTRIBUTE",
        "#[pyfn] is deprecated since PyO3 0.27: write `#[pymodule] mod name { ... }` with the\n"
        "#[pyfunction] inside.",
    ),
)
