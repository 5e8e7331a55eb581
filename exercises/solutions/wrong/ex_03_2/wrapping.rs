// Misconception: with an i64 nothing can grow too large, so wrapping arithmetic will do.
// Rejected by: test_the_largest_square_and_the_next, test_a_sum_that_is_too_large
/// Return the sum of the squares of some whole numbers.
#[pyfunction]
#[pyo3(signature = (values=vec![]), text_signature = "(values=[])")]
fn sum_of_squares(values: Vec<i64>) -> i64 {
    let mut total = 0i64;
    for value in values {
        total = total.wrapping_add(value.wrapping_mul(value));
    }
    total
}
