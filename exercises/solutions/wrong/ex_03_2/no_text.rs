// Misconception: PyO3 shows each default as it is.
// Rejected by: test_help_shows_the_default, test_the_signature_can_be_read
/// Return the sum of the squares of some whole numbers.
#[pyfunction]
#[pyo3(signature = (values=vec![]))]
fn sum_of_squares(values: Vec<i64>) -> PyResult<i64> {
    let mut total = 0;
    for value in values {
        total = add_square(total, value)?;
    }
    Ok(total)
}
