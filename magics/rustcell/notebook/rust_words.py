"""Words that Tab offers in a Rust cell: data alone.

rustc can explain an error code but lists none, so the codes here are those that a learner of
PyO3 meets; the lints are those that warn by default. A test asks rustc whether it knows them all.
"""

from __future__ import annotations

MACROS = (
    "assert! assert_eq! assert_ne! dbg! eprint! eprintln! format! include_str! matches! panic! "
    "print! println! todo! unimplemented! unreachable! vec! write! writeln! "
    "create_exception! intern! wrap_pyfunction!"
).split()

TYPES = (
    "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize "
    "Arc Box BTreeMap Default Drop Err From HashMap HashSet Into Iterator Mutex None Ok Option Rc "
    "RefCell Result Some String ToString Vec "
    "Bound Borrowed FromPyObject IntoPyObject Py PyAny PyBytes PyDict PyErr PyFloat PyInt "
    "PyIterator PyList PyModule PyRef PyRefMut PyResult PySet PyString PyTuple PyType Python "
    "PyIndexError PyKeyError PyOSError PyRuntimeError PyStopIteration PyTypeError PyValueError"
).split()

ATTRIBUTES = (
    "allow cfg cfg_attr deny derive doc expect inline must_use repr test warn "
    "pyclass pyfunction pymethods pymodule pymodule_export pymodule_init pyo3 "
    "classattr classmethod deleter getter new setter staticmethod"
).split()

OPTIONS_OF_ATTRIBUTES = (
    "constructor crate dict eq eq_int extends freelist from_py_object frozen generic get get_all "
    "hash immutable_type mapping module name new ord pass_module rename_all sequence set set_all "
    "signature skip_from_py_object str submodule subclass text_signature transparent unsendable "
    "warn weakref "
    "Clone Copy Debug Default Eq Hash Ord PartialEq PartialOrd FromPyObject IntoPyObject"
).split()
"""What may stand between the brackets of PyO3's attributes, and what can be derived."""

ERROR_CODES = {
    "E0004": "match is not exhaustive",
    "E0015": "not a const function in a constant",
    "E0023": "wrong number of fields in a pattern",
    "E0026": "pattern names no such field",
    "E0027": "pattern leaves fields out",
    "E0040": "drop called by hand",
    "E0046": "trait item not implemented",
    "E0050": "method has other parameters than its trait",
    "E0053": "method has other types than its trait",
    "E0061": "wrong number of arguments",
    "E0063": "field left out",
    "E0069": "return without a value",
    "E0072": "type contains itself",
    "E0106": "lifetime left out",
    "E0107": "wrong number of generic arguments",
    "E0116": "method on a foreign type",
    "E0117": "foreign trait on a foreign type",
    "E0119": "trait implemented twice",
    "E0133": "unsafe code outside unsafe",
    "E0184": "Copy together with Drop",
    "E0200": "implementation must be unsafe",
    "E0204": "type cannot be Copy",
    "E0252": "two imports of one name",
    "E0255": "import and item of one name",
    "E0261": "lifetime not declared",
    "E0267": "break outside a loop",
    "E0268": "break or continue outside a loop",
    "E0271": "associated type differs",
    "E0275": "endless requirement",
    "E0277": "trait not implemented",
    "E0282": "type cannot be inferred",
    "E0283": "type is ambiguous",
    "E0308": "mismatched types",
    "E0309": "type may not live long enough",
    "E0310": "type may not live long enough",
    "E0369": "operator not defined",
    "E0373": "closure may outlive the function",
    "E0381": "used before it has a value",
    "E0382": "used after it was moved",
    "E0384": "assigned twice",
    "E0403": "generic parameter named twice",
    "E0404": "not a trait",
    "E0405": "trait not found",
    "E0407": "method is not in the trait",
    "E0423": "type used as a value",
    "E0424": "self outside a method",
    "E0425": "name not found",
    "E0428": "two items of one name",
    "E0432": "import not found",
    "E0433": "path not found",
    "E0434": "function uses a variable around it",
    "E0435": "constant needed",
    "E0446": "private type in public interface",
    "E0451": "field is private",
    "E0463": "crate not found",
    "E0491": "reference outlives its data",
    "E0493": "destructor in a constant",
    "E0499": "borrowed as mutable twice",
    "E0502": "borrowed as mutable and shared",
    "E0503": "used while borrowed",
    "E0505": "moved while borrowed",
    "E0506": "assigned while borrowed",
    "E0507": "moved out of a borrow",
    "E0509": "moved out of a type with Drop",
    "E0515": "returns a reference to a local",
    "E0521": "borrowed data escapes",
    "E0559": "variant has no such field",
    "E0560": "struct has no such field",
    "E0562": "impl Trait not allowed here",
    "E0583": "file of a module not found",
    "E0592": "two methods of one name",
    "E0594": "assigned to what is not mutable",
    "E0596": "borrowed as mutable, but is not",
    "E0597": "does not live long enough",
    "E0599": "no such method",
    "E0600": "operator not defined",
    "E0603": "item is private",
    "E0605": "cast not possible",
    "E0606": "cast not possible",
    "E0607": "cast not possible",
    "E0608": "cannot be indexed",
    "E0609": "no such field",
    "E0614": "dereferenced, but no reference",
    "E0615": "method used as a field",
    "E0616": "field is private",
    "E0618": "called, but no function",
    "E0620": "cast to an unsized type",
    "E0621": "lifetime of a parameter too short",
    "E0623": "lifetimes differ",
    "E0658": "unstable feature",
    "E0689": "number of unknown type",
    "E0700": "hidden type captures a lifetime",
    "E0716": "temporary value dropped too soon",
    "E0728": "await outside async",
    "E0765": "string not closed",
    "E0766": "byte string not closed",
}
"""Error codes and what they are about, in a few words."""

LINTS = (
    "dead_code deprecated dropping_references for_loops_over_fallibles improper_ctypes "
    "irrefutable_let_patterns mismatched_lifetime_syntaxes non_camel_case_types non_snake_case "
    "non_upper_case_globals path_statements private_interfaces redundant_semicolons "
    "static_mut_refs unconditional_recursion unexpected_cfgs unreachable_code "
    "unreachable_patterns unsafe_op_in_unsafe_fn unused_assignments unused_attributes "
    "unused_braces unused_comparisons unused_doc_comments unused_imports unused_labels "
    "unused_macros unused_must_use unused_mut unused_parens unused_unsafe unused_variables "
    "useless_ptr_null_checks while_true"
).split()
"""Names of lints that warn by default (in the 2024 edition)."""
