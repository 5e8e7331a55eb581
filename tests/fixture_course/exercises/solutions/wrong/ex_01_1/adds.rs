// Misconception: an area is what the sides come to together.
// Rejected by: test_a_field_of_two_by_three
if width < 0.0 || height < 0.0 {
    return Err(PyValueError::new_err("a side is negative"));
}
Ok(width + height)
