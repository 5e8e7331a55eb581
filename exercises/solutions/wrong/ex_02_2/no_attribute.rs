// Misconception: `pub` exports a function from a module.
// Rejected by: test_no_op_gives_none, test_geo_exports_three_names
use pyo3::prelude::*;

#[pymodule_export]
const PI: f64 = std::f64::consts::PI;
pub fn no_op() {}

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
