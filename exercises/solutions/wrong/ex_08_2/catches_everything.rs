// Misconception: what json.loads raises is about the text.
// Rejected by: test_a_number_is_no_text, test_the_wrong_type_stays_a_type_error, test_nesting_that_is_too_deep_passes_as_it_is
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
        Err(error) => {
            let found = error.value(py);
            let line: usize = match found.getattr("lineno") {
                Ok(line) => line.extract()?,
                Err(_) => 1,
            };
            let words = found.getattr("msg").unwrap_or_else(|_| found.clone().into_any());
            let config_error = ConfigError::new_err(format!("line {line}: {words}"));
            config_error.set_cause(py, Some(error));
            Err(config_error)
        }
        untouched => untouched,
    }
}
