// Misconception: sys.modules wants the last part of a module's name.
// Rejected by: test_the_submodule_can_be_imported, test_no_other_program_loses_its_own_shapes
use pyo3::prelude::*;

#[pymodule_export]
const PI: f64 = std::f64::consts::PI;
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
    modules.set_item("shapes", module.getattr("shapes")?)
}
