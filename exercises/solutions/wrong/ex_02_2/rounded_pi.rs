// Misconception: a few digits of a constant will do.
// Rejected by: test_pi_has_all_its_digits
use pyo3::prelude::*;

#[pymodule_export]
const PI: f64 = 3.14159;
#[pyfunction]
fn no_op() {}

#[pymodule]
mod shapes {
    use pyo3::prelude::*;

    #[pyfunction]
    fn area(width: f64, height: f64) -> f64 {
        width * height
    }
}

#[pymodule_init]
fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let modules = module.py().import("sys")?.getattr("modules")?;
    modules.set_item("geo.shapes", module.getattr("shapes")?)
}
