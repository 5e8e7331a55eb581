// Misconception: arithmetic that panics in the tests will also be noticed in the release build.
// Rejected by: test_a_large_square_is_an_overflow_error, test_a_sum_of_small_squares_that_does_not_fit
use pyo3::exceptions::PyValueError;

#[pyfunction]
fn sum_of_squares(values: Vec<i64>) -> PyResult<u64> {
    let mut sum = 0_u64;
    for value in values {
        let negative = |_| PyValueError::new_err(format!("{value} is negative"));
        let value = u64::try_from(value).map_err(negative)?;
        sum += value * value;
    }
    Ok(sum)
}
