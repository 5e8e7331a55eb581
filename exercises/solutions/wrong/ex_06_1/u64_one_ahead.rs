// Misconception: what is returned fits a u64, so what is computed on the way fits too.
// Rejected by: test_all_that_a_u64_holds
/// The first n Fibonacci numbers.
#[pyfunction]
fn fibonacci(n: u32) -> Vec<u64> {
    let (mut now, mut next) = (0_u64, 1_u64);
    let mut numbers = Vec::new();
    for _ in 0..n {
        numbers.push(now);
        (now, next) = (next, now + next);
    }
    numbers
}
