// Misconception: rand::random_range rolls with the generator that I have seeded.
// Rejected by: test_the_same_seed_the_same_rolls, test_the_seed_forgets_what_was_before
use pyo3::{exceptions::PyValueError, prelude::*};
use rand::{SeedableRng, rngs::StdRng};
use std::sync::{LazyLock, Mutex, PoisonError};

static GENERATOR: LazyLock<Mutex<StdRng>> = LazyLock::new(|| Mutex::new(rand::make_rng()));

#[pyfunction(signature = (dice, sides=6))]
fn roll_dice(dice: u32, sides: u32) -> PyResult<Vec<u32>> {
    if sides == 0 {
        return Err(PyValueError::new_err("a die has at least one side"));
    }
    let one_die = |_| rand::random_range(1..=sides);
    Ok((0..dice).map(one_die).collect())
}

#[pyfunction]
fn seed(n: u64) {
    *GENERATOR.lock().unwrap_or_else(PoisonError::into_inner) = StdRng::seed_from_u64(n);
}
