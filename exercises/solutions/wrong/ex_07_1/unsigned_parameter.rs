// Misconception: a u32 parameter refuses all that is wrong, and the class does not matter.
// Rejected by: test_below_zero_is_a_type_error, test_far_below_zero_is_a_type_error_too, test_a_bool_is_no_count
use pyo3::exceptions::PyOverflowError;

#[pyfunction]
fn fibonacci(n: u32) -> PyResult<Vec<u64>> {
    if n > 94 {
        return Err(PyOverflowError::new_err("only 94 numbers fit a u64"));
    }
    let (mut now, mut next) = (0_u64, 1_u64);
    let mut numbers = Vec::new();
    for _ in 0..n {
        numbers.push(now);
        (now, next) = (next, now.wrapping_add(next));
    }
    Ok(numbers)
}
