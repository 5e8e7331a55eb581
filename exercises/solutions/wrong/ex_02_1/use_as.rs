// Misconception: `use … as …` renames a function for Python, too.
// Rejected by: test_it_works, test_nothing_else_is_exported
%%rust_module learn
use pyo3::prelude::*;

/// Say that the module could be imported.
#[pyfunction]
fn check() -> bool {
    true
}

/// A module whose names agree.
#[pymodule(name = "learn")]
mod study {
    #[pymodule_export]
    use super::check as it_works;
}
