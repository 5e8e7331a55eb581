// Misconception: bytes are small numbers, so a vector of any integers becomes bytes.
// Rejected by: test_the_last_piece_is_shorter, test_the_pieces_are_bytes_in_a_list
%%rust_module pieces
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

#[pyfunction]
fn split_bytes(data: &[u8], n: usize) -> PyResult<Vec<Vec<u16>>> {
    if n == 0 {
        return Err(PyValueError::new_err("a piece has at least one byte"));
    }
    let widen = |piece: &[u8]| piece.iter().map(|&byte| u16::from(byte)).collect();
    Ok(data.chunks(n).map(widen).collect())
}
