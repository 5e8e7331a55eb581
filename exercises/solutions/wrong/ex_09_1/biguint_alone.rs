// Misconception: an argument that does not fit its type is always a TypeError.
// Rejected by: test_a_negative_distance, test_a_huge_negative_distance
use num_bigint::BigUint;
use pyo3::exceptions::PyValueError;

/// Return the k largest numbers, the largest first.
#[pyfunction]
fn max_k(mut numbers: Vec<BigUint>, k: usize) -> PyResult<Vec<BigUint>> {
    if k > numbers.len() {
        return Err(PyValueError::new_err("too few numbers"));
    }
    numbers.sort_by(|one, other| other.cmp(one));
    numbers.truncate(k);
    Ok(numbers)
}
