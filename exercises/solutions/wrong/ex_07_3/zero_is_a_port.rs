// Misconception: the range of a u16 is the range of the ports.
// Rejected by: test_both_ends_of_the_range
%%rust_module ports
mod error;
use pyo3::prelude::*;

use error::PortError::{self, NotANumber, OutOfRange};
use std::num::IntErrorKind::{NegOverflow, PosOverflow};

#[pyfunction]
fn parse_port(text: &str) -> Result<u16, PortError> {
    let number = text.parse::<i64>().map_err(|error| match error.kind() {
        PosOverflow | NegOverflow => OutOfRange(text.to_owned()),
        _ => NotANumber(text.to_owned(), error),
    })?;
    match u16::try_from(number) {
        Ok(port) => Ok(port),
        _ => Err(OutOfRange(text.to_owned())),
    }
}
