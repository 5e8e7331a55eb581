// Misconception: a list is only what has exactly the type `list`.
// Rejected by: test_a_subclass_of_list_is_accepted
%%rust_module printer_lines
use pyo3::prelude::*;
use pyo3::types::PyList;

#[pyfunction]
fn list_lines(numbers: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    let numbers = numbers.cast_exact::<PyList>()?;
    numbers
        .iter()
        .map(|number| Ok(number.extract::<i64>()?.to_string()))
        .collect()
}
