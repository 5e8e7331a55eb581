// Misconception: only the exact types count, so subclasses are no boxes and no numbers.
// Rejected by: test_subclasses_of_list_and_int
use pyo3::types::{PyInt, PyList, PyTuple};
if item.is_exact_instance_of::<PyInt>() {
    return Ok(vec![item.extract()?]);
}
if !item.is_exact_instance_of::<PyList>() {
    item.cast_exact::<PyTuple>()?;
}
if path.iter().any(|outer| outer.is(&item)) {
    return Err(pyo3::exceptions::PyValueError::new_err("a box is inside itself"));
}
path.push(item.clone());
let mut found = Vec::new();
for inner in item.try_iter()? {
    found.extend(unpack(inner?, path)?);
}
path.pop();
Ok(found)
