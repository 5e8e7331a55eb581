// Misconception: a reader should be generous with spaces.
// Rejected by: test_nothing_else_is_a_number
%%rust_module ports
mod error;
use pyo3::prelude::*;

use error::PortError::{self, NotANumber, OutOfRange};
use std::num::IntErrorKind::{NegOverflow, PosOverflow};

#[pyfunction]
fn parse_port(text: &str) -> Result<u16, PortError> {
    let number = text.trim().parse::<i64>().map_err(|error| match error.kind() {
        PosOverflow | NegOverflow => OutOfRange(text.to_owned()),
        _ => NotANumber(text.to_owned(), error),
    })?;
    match u16::try_from(number) {
        Ok(port @ 1..) => Ok(port),
        _ => Err(OutOfRange(text.to_owned())),
    }
}
