// Misconception: if there are fewer than k, all of them are the best answer.
// Rejected by: test_more_than_there_are, test_one_of_none
use num_bigint::{BigInt, Sign};
use pyo3::exceptions::PyTypeError;

/// Return the k largest numbers, the largest first.
#[pyfunction]
fn max_k(mut numbers: Vec<BigInt>, k: usize) -> PyResult<Vec<BigInt>> {
    if numbers.iter().any(|number| number.sign() == Sign::Minus) {
        return Err(PyTypeError::new_err("a negative distance"));
    }
    numbers.sort_by(|one, other| other.cmp(one));
    numbers.truncate(k);
    Ok(numbers)
}
