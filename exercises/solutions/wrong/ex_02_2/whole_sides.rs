// Misconception: the examples have whole sides, so the parameters are integers.
// Rejected by: test_areas_need_not_be_whole, test_the_submodule_can_be_imported
use pyo3::prelude::*;

#[pymodule_export]
const PI: f64 = std::f64::consts::PI;
#[pyfunction]
fn no_op() {}

#[pymodule]
mod shapes {
    use pyo3::prelude::*;

    #[pyfunction]
    fn area(width: i64, height: i64) -> f64 {
        (width * height) as f64
    }
}

#[pymodule_init]
fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let modules = module.py().import("sys")?.getattr("modules")?;
    modules.set_item("geo.shapes", module.getattr("shapes")?)
}
