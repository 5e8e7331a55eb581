// Misconception: what is an attribute of a module can be imported from it with dots.
// Rejected by: test_the_submodule_can_be_imported, test_a_fresh_process_imports_from_the_submodule
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
