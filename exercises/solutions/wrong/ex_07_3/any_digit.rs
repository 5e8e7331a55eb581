// Misconception: a digit is what is_numeric says, and what parse then refuses is too large.
// Rejected by: test_digits_of_other_scripts_are_no_number
%%rust_module ports
mod error;
use pyo3::prelude::*;

use error::PortError::{self, NotANumber, OutOfRange};
use std::num::IntErrorKind::{NegOverflow, PosOverflow};

#[pyfunction]
fn parse_port(text: &str) -> Result<u16, PortError> {
    let number = text.parse::<i64>().map_err(|error| match error.kind() {
        PosOverflow | NegOverflow => OutOfRange(text.to_owned()),
        _ if !text.is_empty() && text.chars().all(char::is_numeric) => OutOfRange(text.to_owned()),
        _ => NotANumber(text.to_owned(), error),
    })?;
    match u16::try_from(number) {
        Ok(port @ 1..) => Ok(port),
        _ => Err(OutOfRange(text.to_owned())),
    }
}
