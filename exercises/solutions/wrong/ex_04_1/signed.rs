// Misconception: i64 is the type of a Python int.
// Rejected by: test_a_negative_number_is_an_overflow_error, test_zero_and_the_largest_number_are_printed
#[pyfunction]
fn print_number_list(v: Vec<i64>) {
    for number in v {
        println!("{number}");
    }
}
