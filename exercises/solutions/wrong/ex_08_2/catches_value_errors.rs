// Misconception: a JSONDecodeError is a ValueError, so a ValueError is a JSONDecodeError.
// Rejected by: test_another_value_error_passes_as_it_is, test_a_number_with_too_many_digits_passes_as_it_is
%%rust_module settings
use pyo3::prelude::*;
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyValueError};

create_exception!(settings, ConfigError, PyException, "Settings with a slip.");

#[pyfunction]
fn safe_load<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = text.py();
    let loaded = py.import("json")?.call_method1("loads", (text,));
    match loaded {
        Err(error) if error.is_instance_of::<PyValueError>(py) => {
            let found = error.value(py);
            let (line, words) = (found.getattr("lineno")?, found.getattr("msg")?);
            let config_error = ConfigError::new_err(format!("line {line}: {words}"));
            config_error.set_cause(py, Some(error));
            Err(config_error)
        }
        untouched => untouched,
    }
}
