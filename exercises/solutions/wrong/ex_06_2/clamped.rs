// Misconception: a conversion may bend a value so that it fits.
// Rejected by: test_too_much, test_outside_is_refused, test_lists_keep_the_rule
%%rust_module progress_report
use pyo3::{prelude::*, types::PyFloat};

struct Percent(f64);

impl<'py> IntoPyObject<'py> for Percent {
    type Target = PyFloat;
    type Output = Bound<'py, PyFloat>;
    type Error = PyErr;
    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        match self.0 {
            x => Ok(x.clamp(0.0, 100.0).into_pyobject(py)?),
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
