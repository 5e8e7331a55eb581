// Misconception: only the numbers that are returned need to be checked.
// Rejected by: test_a_negative_one_far_from_the_largest, test_a_negative_one_though_none_are_asked_for
use num_bigint::{BigInt, Sign};
use pyo3::exceptions::{PyTypeError, PyValueError};

/// Return the k largest numbers, the largest first.
#[pyfunction]
fn max_k(mut numbers: Vec<BigInt>, k: usize) -> PyResult<Vec<BigInt>> {
    if k > numbers.len() {
        return Err(PyValueError::new_err("too few numbers"));
    }
    numbers.sort_by(|one, other| other.cmp(one));
    numbers.truncate(k);
    if numbers.iter().any(|number| number.sign() == Sign::Minus) {
        return Err(PyTypeError::new_err("a negative distance"));
    }
    Ok(numbers)
}
