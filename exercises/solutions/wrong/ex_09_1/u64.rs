// Misconception: 64 bits are enough for every number that one meets.
// Rejected by: test_a_distance_of_any_size, test_both_sides_of_an_edge
use pyo3::exceptions::{PyTypeError, PyValueError};

/// Return the k largest numbers, the largest first.
#[pyfunction]
fn max_k(numbers: &Bound<'_, PyAny>, k: usize) -> PyResult<Vec<u64>> {
    let numbers: PyResult<Vec<u64>> = numbers.extract();
    let mut numbers = numbers.map_err(|_| PyTypeError::new_err("no distances"))?;
    if k > numbers.len() {
        return Err(PyValueError::new_err("too few numbers"));
    }
    numbers.sort_by(|one, other| other.cmp(one));
    numbers.truncate(k);
    Ok(numbers)
}
