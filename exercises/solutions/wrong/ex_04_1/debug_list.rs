// Misconception: printing the Vec prints its items.
// Rejected by: test_one_number, test_five_numbers_on_five_lines
#[pyfunction]
fn print_number_list(v: Vec<u64>) {
    println!("{v:?}");
}
