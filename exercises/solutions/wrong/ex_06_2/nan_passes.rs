// Misconception: a number that is neither below 0 nor above 100 lies between them.
// Rejected by: test_nan_is_no_percentage
%%rust_module progress_report
use pyo3::{exceptions::PyValueError, prelude::*, types::PyFloat};

struct Percent(f64);

impl<'py> IntoPyObject<'py> for Percent {
    type Target = PyFloat;
    type Output = Bound<'py, PyFloat>;
    type Error = PyErr;
    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        match self.0 {
            x if x < 0.0 || x > 100.0 => Err(PyValueError::new_err("not from 0 to 100")),
            x => Ok(x.into_pyobject(py)?),
        }
    }
}

#[pyfunction]
fn percent(x: f64) -> Percent {
    Percent(x)
}

#[pyfunction]
fn percents(xs: Vec<f64>) -> Vec<Percent> {
    xs.into_iter().map(Percent).collect()
}
