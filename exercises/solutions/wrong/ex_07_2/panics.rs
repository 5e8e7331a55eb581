// Misconception: a panic with a good message is as good as an exception.
// Rejected by: test_a_large_square_is_an_overflow_error, test_one_above_the_largest_square
use pyo3::exceptions::PyValueError;

#[pyfunction]
fn sum_of_squares(values: Vec<i64>) -> PyResult<u64> {
    let mut sum = 0_u64;
    for value in values {
        let negative = |_| PyValueError::new_err(format!("{value} is negative"));
        let value = u64::try_from(value).map_err(negative)?;
        let square = value.checked_mul(value).expect("OverflowError");
        sum = sum.checked_add(square).expect("OverflowError");
    }
    Ok(sum)
}
