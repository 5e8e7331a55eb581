// Misconception: when parse fails, the text was no number.
// Rejected by: test_a_huge_number_is_out_of_range
%%rust_module ports
mod error;
use pyo3::prelude::*;

use error::PortError::{self, NotANumber, OutOfRange};

#[pyfunction]
fn parse_port(text: &str) -> Result<u16, PortError> {
    let number = text.parse::<i64>().map_err(|error| NotANumber(text.to_owned(), error))?;
    match u16::try_from(number) {
        Ok(port @ 1..) => Ok(port),
        _ => Err(OutOfRange(text.to_owned())),
    }
}
