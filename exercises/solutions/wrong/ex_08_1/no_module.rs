// Misconception: pickle finds a class by itself, whatever __module__ says.
// Rejected by: test_it_survives_pickle, test_both_live_in_bank
%%rust_file bank src/errors.rs
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

/// Whatever a bank refuses.
#[pyclass(extends = PyException, subclass, module = "bank")]
pub struct BankError;

/// The account does not hold what is needed.
#[pyclass(extends = BankError, get_all)]
pub struct InsufficientFunds {
    balance: u64,
    needed: u64,
}

#[pymethods]
impl InsufficientFunds {
    #[new]
    pub fn new(balance: u64, needed: u64) -> PyClassInitializer<Self> {
        PyClassInitializer::from(BankError).add_subclass(InsufficientFunds { balance, needed })
    }

    fn __str__(&self) -> String {
        format!("needed {}, there are only {}", self.needed, self.balance)
    }
}
