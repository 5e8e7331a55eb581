// Misconception: a box that was seen before is inside itself.
// Rejected by: test_the_same_box_at_two_places_is_fine
use pyo3::types::{PyBool, PyInt, PyList, PyTuple};
if item.is_instance_of::<PyInt>() && !item.is_instance_of::<PyBool>() {
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
Ok(found)
