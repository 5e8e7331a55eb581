// Misconception: the exception's fields are its message.
// Rejected by: test_the_message, test_made_in_python_it_is_the_same
%%rust_file bank src/errors.rs
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

/// Whatever a bank refuses.
#[pyclass(extends = PyException, subclass, module = "bank")]
pub struct BankError;

/// The account does not hold what is needed.
#[pyclass(extends = BankError, module = "bank", get_all)]
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
}
