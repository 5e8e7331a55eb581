// Misconception: a vector may be given its capacity before the count is checked.
// Rejected by: test_a_huge_count_is_refused_at_once
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::types::{PyBool, PyInt};

#[pyfunction]
fn fibonacci(n: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    if n.is_instance_of::<PyBool>() || !n.is_instance_of::<PyInt>() || n.lt(0)? {
        return Err(PyTypeError::new_err(format!("a count is not {n:?}")));
    }
    let n = n.extract::<usize>()?;
    let mut numbers = Vec::with_capacity(n);
    let mut pair = Some((0_u64, 1_u64));
    for _ in 0..n {
        let (now, next) = pair.ok_or_else(|| PyOverflowError::new_err("too many"))?;
        numbers.push(now);
        pair = match now.checked_add(next) {
            Some(sum) => Some((next, sum)),
            None if numbers.len() < 94 => Some((next, 0)),
            None => None,
        };
    }
    Ok(numbers)
}
