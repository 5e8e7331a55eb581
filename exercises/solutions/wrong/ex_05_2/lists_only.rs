// Misconception: `cast::<PyList>()` accepts tuples, as `Vec` does.
// Rejected by: test_three_boxes_in_each_other, test_empty_boxes_hold_nothing
use pyo3::types::{PyInt, PyList};
if let Ok(number) = item.cast_exact::<PyInt>() {
    return Ok(vec![number.extract()?]);
}
if path.iter().any(|outer| outer.is(&item)) {
    return Err(pyo3::exceptions::PyValueError::new_err("a box is inside itself"));
}
path.push(item.clone());
let mut found = Vec::new();
for inner in item.cast::<PyList>()? {
    found.extend(unpack(inner, path)?);
}
path.pop();
Ok(found)
