// Misconception: the old error is in the new message, so nobody needs it as a cause.
// Rejected by: test_the_cause_of_no_number, test_an_empty_text
%%rust_file ports src/error.rs
use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::prelude::*;
use std::num::ParseIntError;

pub enum PortError {
    NotANumber(String, ParseIntError),
    OutOfRange(String),
}

impl From<PortError> for PyErr {
    fn from(error: PortError) -> PyErr {
        match error {
            PortError::NotANumber(text, cause) => {
                PyValueError::new_err(format!("not a number: {text}, {cause}"))
            }
            PortError::OutOfRange(text) => PyOverflowError::new_err(format!("out of range: {text}")),
        }
    }
}
