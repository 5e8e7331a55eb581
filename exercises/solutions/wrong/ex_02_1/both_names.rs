// Misconception: to be safe, export the function under the old name as well.
// Rejected by: test_nothing_else_is_exported
%%rust_module learn
use pyo3::prelude::*;

/// Say that the module could be imported.
#[pyfunction]
#[pyo3(name = "it_works")]
fn check() -> bool {
    true
}

/// A module whose names agree.
#[pymodule(name = "learn")]
mod study {
    #[pymodule_export]
    use super::check;
    #[pymodule_export]
    use super::it_work;
}

/// The old name.
#[pyfunction]
fn it_work() -> bool {
    check()
}
