// Misconception: the name after import is free, as long as the crate's own names agree.
// Rejected by: test_it_works
%%rust_module set_up
use pyo3::prelude::*;

#[pymodule]
mod set_up {
    use pyo3::prelude::*;

    #[pyfunction]
    fn it_works() -> bool {
        true
    }

    #[pyfunction]
    fn manifest() -> &'static str {
        "[lib]\ncrate-type = [\"cdylib\"]"
    }
}
