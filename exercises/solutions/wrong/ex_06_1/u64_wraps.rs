// Misconception: an integer type with 64 bits is large enough for everything.
// Rejected by: test_one_more_than_a_u64_holds, test_two_hundred_exact_numbers
/// The first n Fibonacci numbers.
#[pyfunction]
fn fibonacci(n: u32) -> Vec<u64> {
    let (mut now, mut next) = (0_u64, 1_u64);
    let mut numbers = Vec::new();
    for _ in 0..n {
        numbers.push(now);
        (now, next) = (next, now.wrapping_add(next));
    }
    numbers
}
