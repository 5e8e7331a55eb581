// Misconception: whatever can be iterated is a box, and whatever `extract` takes is a number.
// Rejected by: test_true_is_no_article, test_text_is_no_box, test_other_containers_are_no_boxes
if let Ok(number) = item.extract::<i64>() {
    return Ok(vec![number]);
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
