// Misconception: a default is a friendly answer to a text that cannot be read.
// Rejected by: test_no_number, test_out_of_range, test_both_ends_of_the_range
%%rust_module ports
use pyo3::prelude::*;

#[pyfunction]
fn parse_port(text: &str) -> u16 {
    text.parse().unwrap_or(80)
}
