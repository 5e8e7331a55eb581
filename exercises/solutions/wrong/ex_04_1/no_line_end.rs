// Misconception: a line end stands between lines, so the last one has none (and the text stays in Rust's buffer).
// Rejected by: test_one_number, test_five_numbers_on_five_lines
#[pyfunction]
fn print_number_list(v: Vec<u64>) {
    let lines: Vec<String> = v.iter().map(u64::to_string).collect();
    print!("{}", lines.join("\n"));
}
