// Misconception: numbers may be converted while they are printed; a late error undoes nothing.
// Rejected by: test_nothing_is_printed_before_a_refusal
#[pyfunction]
fn print_number_list(v: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
    for item in v {
        let number: u64 = item.extract()?;
        println!("{number}");
    }
    Ok(())
}
