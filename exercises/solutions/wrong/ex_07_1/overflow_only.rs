// Misconception: what extract refuses for a number is always the sign, and the rest is right by itself.
// Rejected by: test_a_huge_count_is_refused_at_once, test_a_bool_is_no_count, test_the_message_shows_other_types_too
use pyo3::exceptions::{PyOverflowError, PyTypeError};

#[pyfunction]
fn fibonacci(n: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    let py = n.py();
    let n = match n.extract::<u64>() {
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => {
            return Err(PyTypeError::new_err(format!("a count is not {n:?}")));
        }
        other => other?,
    };
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
