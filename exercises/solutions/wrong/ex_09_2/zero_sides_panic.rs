// Misconception: what rand refuses arrives in Python as a ValueError.
// Rejected by: test_a_die_without_sides, test_no_dice_without_sides
use pyo3::prelude::*;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::sync::{LazyLock, Mutex, PoisonError};

static GENERATOR: LazyLock<Mutex<StdRng>> = LazyLock::new(|| Mutex::new(rand::make_rng()));

#[pyfunction(signature = (dice, sides=6))]
fn roll_dice(dice: u32, sides: u32) -> PyResult<Vec<u32>> {
    let mut generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let one_die = |_| generator.random_range(1..=sides);
    Ok((0..dice).map(one_die).collect())
}

#[pyfunction]
fn seed(n: u64) {
    *GENERATOR.lock().unwrap_or_else(PoisonError::into_inner) = StdRng::seed_from_u64(n);
}
