// Misconception: everything inside a #[pymodule] is exported.
// Rejected by: test_it_works, test_a_fresh_process_can_import_it
#[pymodule]
mod setup {
    use pyo3::prelude::*;

    #[allow(dead_code)]
    fn it_works() -> bool {
        true
    }

    /// The Cargo.toml that this library was built from.
    #[pyfunction]
    fn manifest() -> &'static str {
        include_str!("../Cargo.toml")
    }
}
