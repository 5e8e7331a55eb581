// Misconception: the text makes the argument optional.
// Rejected by: test_no_list_at_all, test_calls_share_no_list
/// Return the sum of the squares of some whole numbers.
#[pyfunction]
#[pyo3(text_signature = "(values=[])")]
fn sum_of_squares(values: Vec<i64>) -> PyResult<i64> {
    let mut total = 0;
    for value in values {
        total = add_square(total, value)?;
    }
    Ok(total)
}
