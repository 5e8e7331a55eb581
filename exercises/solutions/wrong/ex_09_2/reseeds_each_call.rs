// Misconception: keeping the seed is as good as keeping the generator.
// Rejected by: test_the_next_rolls_are_others, test_one_call_for_each_die_is_as_fair
use pyo3::{exceptions::PyValueError, prelude::*};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::sync::{LazyLock, Mutex, PoisonError};

static SEED: LazyLock<Mutex<u64>> = LazyLock::new(|| Mutex::new(rand::random()));

#[pyfunction(signature = (dice, sides=6))]
fn roll_dice(dice: u32, sides: u32) -> PyResult<Vec<u32>> {
    if sides == 0 {
        return Err(PyValueError::new_err("a die has at least one side"));
    }
    let n = *SEED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut generator = StdRng::seed_from_u64(n);
    let one_die = |_| generator.random_range(1..=sides);
    Ok((0..dice).map(one_die).collect())
}

#[pyfunction]
fn seed(n: u64) {
    *SEED.lock().unwrap_or_else(PoisonError::into_inner) = n;
}
