// Misconception: an error's text is all there is to keep of it.
// Rejected by: test_the_cause, test_the_cause_has_its_traceback
%%rust_module settings
use pyo3::prelude::*;
use pyo3::{create_exception, exceptions::PyException, import_exception};

create_exception!(settings, ConfigError, PyException, "Settings with a slip.");
import_exception!(json, JSONDecodeError);

#[pyfunction]
fn safe_load<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = text.py();
    let loaded = py.import("json")?.call_method1("loads", (text,));
    match loaded {
        Err(error) if error.is_instance_of::<JSONDecodeError>(py) => {
            let found = error.value(py);
            let (line, words) = (found.getattr("lineno")?, found.getattr("msg")?);
            let config_error = ConfigError::new_err(format!("line {line}: {words}"));
            let cause = PyException::new_err(error.to_string());
            config_error.set_cause(py, Some(cause));
            Err(config_error)
        }
        untouched => untouched,
    }
}
