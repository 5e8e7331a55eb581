// Misconception: the k largest numbers are k different numbers.
// Rejected by: test_the_largest_come_first, test_equal_numbers_all_count
use num_bigint::{BigInt, Sign};
use pyo3::exceptions::{PyTypeError, PyValueError};

/// Return the k largest numbers, the largest first.
#[pyfunction]
fn max_k(mut numbers: Vec<BigInt>, k: usize) -> PyResult<Vec<BigInt>> {
    if numbers.iter().any(|number| number.sign() == Sign::Minus) {
        return Err(PyTypeError::new_err("a negative distance"));
    }
    if k > numbers.len() {
        return Err(PyValueError::new_err("too few numbers"));
    }
    numbers.sort_by(|one, other| other.cmp(one));
    numbers.dedup();
    numbers.truncate(k);
    Ok(numbers)
}
