// Misconception: the list is mine while the function runs, so I may sort it.
// Rejected by: test_the_list_of_the_caller_stays_as_it_is
use num_bigint::{BigInt, Sign};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::types::PyList;

/// Return the k largest numbers, the largest first.
#[pyfunction]
fn max_k<'py>(numbers: &Bound<'py, PyList>, k: usize) -> PyResult<Bound<'py, PyList>> {
    for number in numbers {
        if number.extract::<BigInt>()?.sign() == Sign::Minus {
            return Err(PyTypeError::new_err("a negative distance"));
        }
    }
    if k > numbers.len() {
        return Err(PyValueError::new_err("too few numbers"));
    }
    numbers.sort()?;
    numbers.reverse()?;
    Ok(numbers.get_slice(0, k))
}
