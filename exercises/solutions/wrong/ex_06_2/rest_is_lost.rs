// Misconception: chunks_exact gives the same pieces as chunks.
// Rejected by: test_the_last_piece_is_shorter, test_a_piece_larger_than_the_data
%%rust_module pieces
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[pyfunction]
fn split_bytes(data: &[u8], n: usize) -> PyResult<Vec<&[u8]>> {
    if n == 0 {
        return Err(PyValueError::new_err("a piece has at least one byte"));
    }
    Ok(data.chunks_exact(n).collect())
}
