// Misconception: i32 has room for ordinary numbers, and wrapping never fails.
// Rejected by: test_a_square_beyond_i32, test_a_number_beyond_i32
/// Return the sum of the squares of some whole numbers.
#[pyfunction]
#[pyo3(signature = (values=vec![]), text_signature = "(values=[])")]
fn sum_of_squares(values: Vec<i32>) -> i32 {
    let mut total = 0i32;
    for value in values {
        total = total.wrapping_add(value.wrapping_mul(value));
    }
    total
}
