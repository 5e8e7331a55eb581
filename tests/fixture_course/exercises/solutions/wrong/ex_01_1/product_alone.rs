// Misconception: looking at the result is enough to see that a side is negative.
// Rejected by: test_two_negative_sides_are_refused
let area = width * height;
if area < 0.0 {
    return Err(PyValueError::new_err("a side is negative"));
}
Ok(area)
