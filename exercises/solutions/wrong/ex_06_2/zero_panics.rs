// Misconception: what goes wrong in a library call arrives in Python as a ValueError.
// Rejected by: test_pieces_of_nothing_are_a_value_error
%%rust_module pieces
use pyo3::prelude::*;

#[pyfunction]
fn split_bytes(data: &[u8], n: usize) -> Vec<&[u8]> {
    data.chunks(n).collect()
}
