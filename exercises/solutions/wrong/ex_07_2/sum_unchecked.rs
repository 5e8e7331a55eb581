// Misconception: when each square fits, the sum of them fits as well.
// Rejected by: test_a_sum_of_small_squares_that_does_not_fit, test_a_sum_that_wraps_to_a_small_number
use pyo3::exceptions::{PyOverflowError, PyValueError};

#[pyfunction]
fn sum_of_squares(values: Vec<i64>) -> PyResult<u64> {
    let too_large = || PyOverflowError::new_err("the sum does not fit a u64");
    let mut sum = 0_u64;
    for value in values {
        let negative = |_| PyValueError::new_err(format!("{value} is negative"));
        let value = u64::try_from(value).map_err(negative)?;
        sum += value.checked_mul(value).ok_or_else(too_large)?;
    }
    Ok(sum)
}
