// Misconception: an exception object is made best in Rust, without calling its class.
// Rejected by: test_it_survives_pickle, test_it_keeps_its_arguments
%%rust_module bank
use pyo3::prelude::*;

mod errors;
use errors::{BankError, InsufficientFunds};

#[pyfunction]
fn withdraw(py: Python<'_>, balance: u64, amount: u64) -> PyResult<u64> {
    if let Some(left) = balance.checked_sub(amount) {
        return Ok(left);
    }
    let parts = InsufficientFunds::new(balance, amount);
    Err(PyErr::from_value(Bound::new(py, parts)?.into_any()))
}

#[pymodule]
mod bank {
    #[pymodule_export]
    use super::{BankError, InsufficientFunds, withdraw};
}
