// Misconception: a `PyInt` is a number, so `True` is none.
// Rejected by: test_true_is_no_article
use pyo3::types::{PyInt, PyList, PyTuple};
if item.is_instance_of::<PyInt>() {
    return Ok(vec![item.extract()?]);
}
if !item.is_instance_of::<PyList>() {
    item.cast::<PyTuple>()?;
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
