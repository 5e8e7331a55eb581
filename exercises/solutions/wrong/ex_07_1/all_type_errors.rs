// Misconception: each failure of extract is a wrong type.
// Rejected by: test_a_huge_count_is_refused_at_once, test_a_bool_is_no_count
use pyo3::exceptions::{PyOverflowError, PyTypeError};

#[pyfunction]
fn fibonacci(n: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    let refuse = |_| PyTypeError::new_err(format!("a count is a whole number from 0, not {n:?}"));
    let n = n.extract::<u64>().map_err(refuse)?;
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
