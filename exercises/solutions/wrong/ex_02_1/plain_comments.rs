// Misconception: each comment above an item becomes its documentation.
// Rejected by: test_the_module_keeps_its_documentation, test_the_function_keeps_its_documentation
%%rust_module learn
use pyo3::prelude::*;

// Say that the module could be imported.
#[pyfunction]
#[pyo3(name = "it_works")]
fn check() -> bool {
    true
}

// A module whose names agree.
#[pymodule(name = "learn")]
mod study {
    #[pymodule_export]
    use super::check;
}
