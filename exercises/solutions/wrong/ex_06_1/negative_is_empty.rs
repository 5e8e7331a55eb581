// Misconception: a signed parameter is more general, and no negative number needs an answer.
// Rejected by: test_negative_months_are_refused
use num_bigint::BigUint;

/// The first n Fibonacci numbers.
#[pyfunction]
fn fibonacci(n: i64) -> Vec<BigUint> {
    let (mut now, mut next) = (BigUint::ZERO, BigUint::from(1_u32));
    let mut numbers = Vec::new();
    for _ in 0..n {
        let sum = &now + &next;
        numbers.push(now);
        (now, next) = (next, sum);
    }
    numbers
}
