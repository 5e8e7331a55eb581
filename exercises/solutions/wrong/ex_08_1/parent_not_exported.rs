// Misconception: who exports a class has exported its parent.
// Rejected by: test_the_parent_catches_it_too, test_the_class_itself_survives_pickle
%%rust_module bank
use pyo3::prelude::*;

mod errors;

#[pyfunction]
fn withdraw(balance: u64, amount: u64) -> PyResult<u64> {
    let too_little = || PyErr::new::<errors::InsufficientFunds, _>((balance, amount));
    balance.checked_sub(amount).ok_or_else(too_little)
}

#[pymodule]
mod bank {
    #[pymodule_export]
    use super::errors::InsufficientFunds;
    #[pymodule_export]
    use super::withdraw;
}
