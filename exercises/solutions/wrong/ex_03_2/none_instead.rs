// Misconception: a list as default is dangerous in Rust too, so take None.
// Rejected by: test_what_is_no_list_of_whole_numbers
/// Return the sum of the squares of some whole numbers.
#[pyfunction]
#[pyo3(signature = (values=None), text_signature = "(values=[])")]
fn sum_of_squares(values: Option<Vec<i64>>) -> PyResult<i64> {
    let mut total = 0;
    for value in values.unwrap_or_default() {
        total = add_square(total, value)?;
    }
    Ok(total)
}
