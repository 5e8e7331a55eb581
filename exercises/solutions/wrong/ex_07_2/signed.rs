// Misconception: an i64 is large enough when the values are i64.
// Rejected by: test_the_largest_square, test_a_sum_that_an_i64_could_not_hold
use pyo3::exceptions::{PyOverflowError, PyValueError};

#[pyfunction]
fn sum_of_squares(values: Vec<i64>) -> PyResult<i64> {
    let too_large = || PyOverflowError::new_err("the sum is too large");
    let mut sum = 0_i64;
    for value in values {
        if value < 0 {
            return Err(PyValueError::new_err(format!("{value} is negative")));
        }
        let square = value.checked_mul(value).ok_or_else(too_large)?;
        sum = sum.checked_add(square).ok_or_else(too_large)?;
    }
    Ok(sum)
}
