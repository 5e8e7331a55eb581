// Misconception: each exception extends Exception; a parent is only a name.
// Rejected by: test_the_parent_catches_it_too, test_the_family
%%rust_file bank src/errors.rs
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

/// Whatever a bank refuses.
#[pyclass(extends = PyException, subclass, module = "bank")]
pub struct BankError;

/// The account does not hold what is needed.
#[pyclass(extends = PyException, module = "bank", get_all)]
pub struct InsufficientFunds {
    balance: u64,
    needed: u64,
}

#[pymethods]
impl InsufficientFunds {
    #[new]
    pub fn new(balance: u64, needed: u64) -> Self {
        InsufficientFunds { balance, needed }
    }

    fn __str__(&self) -> String {
        format!("needed {}, there are only {}", self.needed, self.balance)
    }
}
