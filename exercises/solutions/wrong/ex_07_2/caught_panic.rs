// Misconception: an overflow is a panic in every build, so it can be caught.
// Rejected by: test_a_large_square_is_an_overflow_error, test_a_sum_of_small_squares_that_does_not_fit
use pyo3::exceptions::{PyOverflowError, PyValueError};

#[pyfunction]
fn sum_of_squares(values: Vec<i64>) -> PyResult<u64> {
    let mut sum = 0_u64;
    for value in values {
        let negative = |_| PyValueError::new_err(format!("{value} is negative"));
        let value = u64::try_from(value).map_err(negative)?;
        sum = std::panic::catch_unwind(|| sum + value * value)
            .map_err(|_| PyOverflowError::new_err("the sum does not fit a u64"))?;
    }
    Ok(sum)
}
