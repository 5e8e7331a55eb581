// Misconception: lists are trees, so the walk comes to an end by itself.
// Rejected by: test_a_box_in_itself_is_a_value_error, test_a_long_way_round_is_a_value_error
use pyo3::types::{PyBool, PyInt, PyList, PyTuple};
if item.is_instance_of::<PyInt>() && !item.is_instance_of::<PyBool>() {
    return Ok(vec![item.extract()?]);
}
if !item.is_instance_of::<PyList>() {
    item.cast::<PyTuple>()?;
}
path.push(item.clone());
let mut found = Vec::new();
for inner in item.try_iter()? {
    found.extend(unpack(inner?, path)?);
}
path.pop();
Ok(found)
