// Misconception: `Vec<i64>` is Rust's word for a list.
// Rejected by: test_a_tuple_is_refused, test_a_range_is_refused
%%rust_module printer_lines
use pyo3::prelude::*;

#[pyfunction]
fn list_lines(numbers: Vec<i64>) -> Vec<String> {
    numbers.iter().map(|number| number.to_string()).collect()
}
