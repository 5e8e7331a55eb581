"""The hints as data: what a diagnostic must say, and what to tell the learner.

`MISTAKES` meets the usual misunderstandings between Rust and Python; the names that
PyO3 gave up are in `old_names`. The versions are those of PyO3's own change log and
migration guide. In a hint, `$word` is the group of that name from the pattern that
matched. The first rule that fits is taken, so the special stand before the general.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A hint and the patterns (regular expressions, searched) that call for it.

    Parameters
    ----------
    message:
        Looked for in the message of the diagnostic.
    detail:
        Looked for in its labels and in the text of its notes and helps.
    line:
        Looked for in the source line the diagnostic points to.
    source:
        Looked for in the whole source, after `$word` is filled in from the others.
    """

    hint: str
    message: str = ""
    detail: str = ""
    line: str = ""
    source: str = ""


FROM_PY_OBJECT = (
    "Since PyO3 0.27: `impl<'a, 'py> FromPyObject<'a, 'py> for T` with `type Error = PyErr;`\n"
    "and `fn extract(o: Borrowed<'a, 'py, PyAny>) -> Result<Self, Self::Error>`."
)

_NATIVE = "Any|List|Dict|Tuple|Set|FrozenSet|String|Bytes|ByteArray|Int|Float|Bool|Module|Type"
_NATIVE += "|Function|CFunction|Iterator|Sequence|Mapping|Slice|Complex|Long|Code|Super"
_PYO3 = r"(?:pyo3::)?(?:types::)?"
# Attributes and doc comments may stand between #[pyclass] and the struct.
_PYCLASS = r"#\[(?:pyo3::)?pyclass\b(?:[^{};]*?)\b(?:struct|enum)\s+$type\b"
_PYFUNCTION = r"#\[(?:pyo3::)?pyfunction\b(?:[^{};]*?)\bfn\s+$name\b"
_TOKEN_MOVED = rf"`\*mut {_PYO3}Python<'static>` cannot be (?:sent|shared)"
_NOT_SAFE = r"^`(?P<type>.+)` cannot be (?:sent|shared) between threads safely"
_IN_CLASS = "assert_pyclass_send_sync"
_IN_DETACH = r"`Ungil`|::detach`"
_ARGUMENT = (
    r"^(?:the trait bound )?`(?:for<'a> )?&?(?:mut )?(?P<type>\w+)"
    r"(?:` cannot be used as a Python function argument|: (?:pyo3::)?FromPyObject<)"
)
# Types of other crates that PyO3 converts when the feature of the crate's name is on.
_FOREIGN = "Naive(?:Date|Time|DateTime)|DateTime|TimeDelta|Big(?:Int|Uint)|Complex(?:32|64)?"
_FOREIGN += "|IndexMap|Decimal|Uuid|Either|SmallVec|OrderedFloat|Zoned|OffsetDateTime"
_NO_ERROR = r"couldn't convert the error to `PyErr`|`PyErr: From<"

MISTAKES = (
    # References of the old kind
    Rule(
        "`&Py$name` (a GIL reference) is `&Bound<'_, Py$name>` since PyO3 0.21; returned,\n"
        "it is `Bound<'py, Py$name>`.",
        message=rf"`&(?:'\w+ )?{_PYO3}Py(?P<name>{_NATIVE})[`:]",
    ),
    Rule(
        "`&Py$name` (a GIL reference) is `&Bound<'_, Py$name>` since PyO3 0.21; returned,\n"
        "it is `Bound<'py, Py$name>`.",
        message="mismatched types",
        detail=rf"(?:expected|found) `&{_PYO3}Py(?P<name>{_NATIVE})`",
    ),
    Rule(
        FROM_PY_OBJECT,
        message="lifetime argument",
        line="FromPyObject<'",
    ),
    Rule(
        "`.as_ref(py)` on a `Py<T>` is `.bind(py)` since PyO3 0.21.",
        message="^this method takes 0 arguments but 1",
        detail=rf"unexpected argument of type `{_PYO3}Python<",
        line=r"\.(?:as|into)_ref\(",
    ),
    # Code in Python's language is a C string
    Rule(
        'Python code is a C string since PyO3 0.23: c"..." for a literal,\n'
        "`CString::new(text)?` and `.as_c_str()` for a `String`.",
        detail="expected `&CStr`, found `&(?:str|String)`|expected `&CStr`, found `String`",
    ),
    # Copies of a reference
    Rule(
        "A `Py<T>` is cloned with `.clone_ref(py)` since PyO3 0.22; a struct that holds one\n"
        "cannot derive `Clone`.",
        message=rf"named `clone` found for struct `{_PYO3}Py<|`{_PYO3}Py<.*>: Clone` is not sat",
    ),
    Rule(
        "A `Py<T>` is cloned with `.clone_ref(py)` since PyO3 0.22; `.clone()` copied only\n"
        "the Rust reference to it.",
        detail=rf"`{_PYO3}Py<.*>` does not implement `Clone`, so `&",
    ),
    # Constructors that can fail
    Rule(
        "Making a Python object can fail (since PyO3 0.23 also `PyList::new`, `PyTuple::new`,\n"
        "`into_py_dict`): put `?` behind the call.",
        message="^mismatched types|found for enum `Result<",
        detail=rf"`&?Result<{_PYO3}Bound<.*PyErr>`",
    ),
    # Attributes
    Rule(
        "Parameters go into `signature`: #[pyfunction(signature = (x=1, **kwargs))]\n"
        "(since PyO3 0.20 in this form only).",
        message="^expected one of: `name`, `pass_module`",
    ),
    Rule(
        "#[pyclass(gc)] is not needed since PyO3 0.16: write `__traverse__` and `__clear__` in\n"
        "#[pymethods].",
        message="^expected one of: `crate`, `dict`",
        line=r"pyclass\(.*\bgc\b",
    ),
    Rule(
        "Since PyO3 0.29 `#[new]` with a base class returns `PyClassInitializer<Self>`:\n"
        "`PyClassInitializer::from(Base { .. }).add_subclass(Self { .. })`.",
        message="^use of deprecated .*Tuple syntax for super class",
    ),
    # Bound, Py and Python
    Rule(
        "A #[pyclass] cannot hold a `Bound` or a `Python`: store `Py<T>` (from `.unbind()`)\n"
        "and use `.bind(py)` in its methods.",
        message=_TOKEN_MOVED,
        detail=_IN_CLASS,
    ),
    Rule(
        "Inside `py.detach` no Python object may be touched: extract Rust values before it,\n"
        "and convert its result after it.",
        message=_TOKEN_MOVED,
        detail=_IN_DETACH,
    ),
    Rule(
        "A static cannot hold a `Bound`: use a `pyo3::sync::PyOnceLock<Py<T>>` and `.bind(py)`.",
        message=_TOKEN_MOVED,
        detail="shared static variables",
    ),
    Rule(
        "`Python` and `Bound` stay on their thread: move a `Py<T>` (from `.unbind()`) and call\n"
        "`Python::attach` on the other thread.",
        message=_TOKEN_MOVED,
    ),
    Rule(
        "Nothing tied to `py` may leave `Python::attach`: return a `Py<T>` (`.unbind()`) or a\n"
        "Rust value.",
        message="^lifetime may not live long enough",
        detail="return type of closure",
    ),
    Rule(
        "A struct given to Python cannot borrow: its field is a `Py<T>`, not a `Bound<'py, T>`.",
        message="^missing lifetime specifier|^use of undeclared lifetime name",
        line=r"^(?!.*\bfn\b).*\bBound<",
    ),
    Rule(
        "A `Py<T>` needs the token: `.bind(py)` lends a `&Bound<'_, T>`, `.into_bound(py)`\n"
        "makes a `Bound`.",
        message="^mismatched types",
        detail=rf"expected `&?{_PYO3}Bound<.*`, found `&?{_PYO3}Py<",
    ),
    Rule(
        "`.unbind()` makes a `Py<T>` of a `Bound<'_, T>`; of a `&Bound` it is\n"
        "`.clone().unbind()`.",
        message="^mismatched types",
        detail=rf"expected `{_PYO3}Py<.*`, found `&?{_PYO3}Bound<",
    ),
    Rule(
        "Any Python object becomes a `Bound<'_, PyAny>` with `.into_any()`, a reference to it\n"
        "with `.as_any()`.",
        message="^mismatched types",
        detail=rf"expected `&?{_PYO3}Bound<'_, {_PYO3}PyAny>`, found `&?{_PYO3}Bound<",
    ),
    Rule(
        "Ask for the type while running: `.cast::<T>()?` lends a `&Bound<'_, T>`,\n"
        "`.cast_into::<T>()?` makes a `Bound`.",
        message="^mismatched types",
        detail=rf"expected `&?{_PYO3}Bound<.*`, found `&?{_PYO3}Bound<'_, {_PYO3}PyAny>`",
    ),
    Rule(
        "The methods of `Py<T>` take `py` first; or use `.bind(py)` once and call on that.",
        message="^this method takes",
        detail=rf"argument #1 of type `{_PYO3}Python<'_>` is missing",
    ),
    Rule(
        "Call methods on `.bind(py)`: a `Py<T>` itself has only a few of them.",
        message=rf"^no method named `\w+` found for (?:struct|reference) `&?{_PYO3}Py<",
    ),
    Rule(
        '`.call1((a, b))` calls the object itself; `.call_method1("name", (a, b))` calls its\n'
        "method or function of that name.",
        message="^this method takes 1 argument but 2",
        line=r"\.call1\(\s*\"",
    ),
    Rule(
        "A module's or object's attribute is `.getattr(\"name\")?`; `Bound::get` is for frozen\n"
        "classes of Rust.",
        message=rf"^the method `get` exists for (?:struct|reference) `&?{_PYO3}Bound<",
    ),
    # Classes
    Rule(
        "Python decides how long an object lives, so a #[pyclass] owns its data: `String` for\n"
        "`&str`, `Py<T>` for `Bound<'py, T>`.",
        message="pyclass.* cannot have lifetime parameters",
    ),
    Rule(
        "Python sees one type: write a #[pyclass] for each `T`, or let the field be an enum\n"
        "or a `Py<PyAny>`.",
        message="pyclass.* cannot have generic parameters",
    ),
    Rule(
        "Python calls one compiled function: take a concrete type, an enum with\n"
        "#[derive(FromPyObject)], or `&Bound<'_, PyAny>`.",
        message="^Python functions cannot have generic type parameters",
    ),
    Rule(
        "Any thread may use a #[pyclass]: take `Arc` for `Rc`; or #[pyclass(unsendable)],\n"
        "which panics on a thread other than its own.",
        message=r"^`(?:\w+::)*Rc<.*cannot be (?:sent|shared) between",
        detail=_IN_CLASS,
    ),
    Rule(
        "Any thread may use a #[pyclass] (PyO3 0.23): take a `Mutex` or an atomic for\n"
        "`$cell`, or just `&mut self` in the methods.",
        message=r"^`(?:\w+::)*(?P<cell>RefCell|Cell|OnceCell)<.*cannot be (?:sent|shared) between",
        detail=_IN_CLASS,
    ),
    Rule(
        "Any thread may use a #[pyclass] (PyO3 0.23): add `+ Send + Sync` to a `dyn`, guard\n"
        "what is only `Send` by a `Mutex`, or use #[pyclass(unsendable)].",
        message=_NOT_SAFE,
        detail=_IN_CLASS,
    ),
    Rule(
        "What `py.detach` uses must be safe on another thread, and `$type` is not\n"
        "(`Arc` for `Rc`, `Mutex` for `RefCell`); or make it inside.",
        message=_NOT_SAFE,
        detail=_IN_DETACH,
    ),
    Rule(
        "One #[pymethods] block for each class; or add `--features multiple-pymethods`.",
        message="^conflicting implementations of trait `.*PyMethods<",
    ),
    Rule(
        "A frozen class has no `&mut self`: keep what changes in a `Mutex` or an atomic, or\n"
        "take `frozen` away.",
        message="Frozen == False",
    ),
    Rule(
        "`.get()` needs #[pyclass(frozen)]; of other classes use `.borrow(py)`.",
        message="Frozen == True",
    ),
    Rule(
        "`Py$name` as a base class needs Python 3.12 or newer; keep one in a field instead.",
        message=r"^pyclass `Py(?P<name>List)` cannot be subclassed",
    ),
    # Values across the border
    Rule(
        "`?` does not take a `Utf8Error` since PyO3 0.29: use `String::from_utf8(bytes)?`, or\n"
        "`.map_err(|e| PyUnicodeDecodeError::new_err_from_utf8(py, bytes, e))?`.",
        message=_NO_ERROR,
        detail="From<(?:std::str::)?Utf8Error>` is not implemented",
    ),
    Rule(
        "A text is no exception: `.map_err(PyValueError::new_err)` makes one\n"
        "(pyo3::exceptions::PyValueError).",
        message=_NO_ERROR,
        detail="From<(?:std::string::)?(?:String|&str)>` is not implemented",
    ),
    Rule(
        "PyO3 cannot know which exception a `Box<dyn Error>` is:\n"
        "`.map_err(|e| PyRuntimeError::new_err(e.to_string()))`.",
        message=_NO_ERROR,
        detail="From<Box<dyn",
    ),
    Rule(
        "Say which exception your error is: `impl From<$type> for PyErr`, or\n"
        "`.map_err(|e| PyValueError::new_err(...))`.",
        message=_NO_ERROR,
        detail=r"the trait `From<(?P<type>.+?)>` is not implemented for `(?:pyo3::)?PyErr`",
    ),
    Rule(
        '`None` is no exception yet: `.ok_or_else(|| PyValueError::new_err("..."))?`.',
        message=r"^the `\?` operator can only be used on `Result`s, not `Option`s",
        detail="PyErr>`",
    ),
    Rule(
        "PyO3 makes a Rust value of the argument, so take it by value (`Vec<T>`, `String`,\n"
        "`i64`); to change the Python object itself take `&Bound<'_, PyList>`.",
        message=r"^`&(?:mut )?(?:Vec<|HashMap<|\[|String|[iuf]\d+|[iu]size|bool)",
        detail="PyFunctionArgument",
    ),
    Rule(
        "`$type` by value needs #[pyclass(from_py_object)] and `Clone` since PyO3 0.30;\n"
        "a function can also take `&$type` or `PyRef<'_, $type>`.",
        message=_ARGUMENT,
        source=_PYCLASS,
    ),
    Rule(
        "PyO3 converts `$type` with the feature of its crate: beside the `--dep`, write\n"
        "`--features chrono` (or num-bigint, indexmap, uuid: the crate's name).",
        message=rf"^`(?:&(?:mut )?)?(?P<type>{_FOREIGN})(?:<.*>)?` cannot be (?:used as|converted)",
    ),
    Rule(
        "Tell PyO3 how to make `$type`: #[derive(FromPyObject)] reads it from any object,\n"
        "#[pyclass] makes it a class of its own.",
        message=_ARGUMENT,
    ),
    Rule(
        "A getter hands out a copy, so `$type` must be `Clone`; to share one object make the\n"
        "field a `Py<$type>`.",
        message=r"^`(?P<type>\w+)` cannot be converted to a Python object",
        detail=r"#\[pyo3\(get\)\]",
        source=_PYCLASS,
    ),
    Rule(
        "A Rust reference cannot go to Python: return a clone, or a `Py<$type>`; a method that\n"
        "returns its own object takes and returns `slf: PyRef<'_, Self>`.",
        message=r"^`&(?:mut )?(?P<type>\w+)` cannot be converted to a Python object",
        source=_PYCLASS,
    ),
    Rule(
        "Collect it (`.collect::<Vec<_>>()`), or write a #[pyclass] with `__iter__` and\n"
        "`__next__`.",
        message=r"^`impl Iterator<.*` cannot be converted to a Python object",
    ),
    Rule(
        "Python does not know `$type`: #[pyclass] makes it a class, #[derive(IntoPyObject)]\n"
        "turns it into a dict.",
        message=r"^`(?P<type>\w+)` cannot be converted to a Python object",
    ),
    Rule(
        "After a default all further parameters need one, an `Option<T>` too (since PyO3 0.24):\n"
        "#[pyo3(signature = (a=1, b=None))].",
        message="^cannot have required positional parameter after an optional parameter",
    ),
    # The cell around the code
    Rule(
        "Begin the cell, and each `mod` in it, with `use pyo3::prelude::*;`.",
        message=r"^cannot find attribute `py(?:function|class|methods|module)` in this scope"
        r"|^cannot find (?:type|struct).* `(?:PyResult|Python|Bound|Py|PyAny|PyErr|PyModule)`",
    ),
    Rule(
        "`wrap_pyfunction!` needs a function that is marked #[pyfunction].",
        message="`wrapped_pyfunction`",
    ),
    Rule(
        "Ask for the crate on the magic line: `--dep $name` (its own name may have `-` for `_`).",
        detail=r"unlinked crate `(?P<name>\w+_\w+)`",
    ),
    Rule(
        "Ask for the crate on the magic line: `--dep $name`.",
        detail=r"unlinked crate `(?P<name>\w+)`",
    ),
    Rule(
        "Ask for it on the magic line: `--features experimental-async`.",
        message="^async functions are only supported with the `experimental-async` feature",
    ),
    Rule(
        "`abi3` has no buffers before Python 3.11: use `--features abi3-py311`, or no abi3.",
        message="`(?:pyo3::)?buffer(?:::.*)?`",
        detail="configured out|gated behind",
    ),
    Rule(
        "Python's own functions are missing: a program needs libpython, so build it without\n"
        "PyO3's `extension-module` feature; a module is loaded by Python, not linked to it.",
        message="^linking with",
        detail=r"undefined (?:symbol|reference).*\b_?_?Py[A-Z_]|_Py[A-Z]\w+\", referenced from",
    ),
    Rule(
        "Only what PyO3 knows can be exported: put #[pyfunction] above `fn $name`.",
        message="^cannot find (?:module or crate|`)",
        detail=r"^function `(?P<name>\w+)` is not a crate or module",
        source="pymodule_export",
    ),
    Rule(
        "No module exports `$name`: put it into the #[pymodule], or #[pymodule_export] it.",
        message="^(?:function|struct|enum) `(?P<name>\\w+)` is never",
        source=_PYFUNCTION,
    ),
)
