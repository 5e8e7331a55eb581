// Misconception: an f64 has room for large numbers, so they are exact.
// Rejected by: test_all_that_a_u64_holds, test_two_hundred_exact_numbers, test_a_list_of_ints
/// The first n Fibonacci numbers.
#[pyfunction]
fn fibonacci(n: u32) -> Vec<f64> {
    let (mut now, mut next) = (0.0, 1.0);
    let mut numbers = Vec::new();
    for _ in 0..n {
        numbers.push(now);
        (now, next) = (next, now + next);
    }
    numbers
}
