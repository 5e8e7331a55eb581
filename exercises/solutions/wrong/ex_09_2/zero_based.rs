// Misconception: a range of six numbers is a die of six sides.
// Rejected by: test_a_die_shows_one_to_six, test_one_side
use pyo3::{exceptions::PyValueError, prelude::*};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::sync::{LazyLock, Mutex, PoisonError};

static GENERATOR: LazyLock<Mutex<StdRng>> = LazyLock::new(|| Mutex::new(rand::make_rng()));

#[pyfunction(signature = (dice, sides=6))]
fn roll_dice(dice: u32, sides: u32) -> PyResult<Vec<u32>> {
    if sides == 0 {
        return Err(PyValueError::new_err("a die has at least one side"));
    }
    let mut generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let one_die = |_| generator.random_range(0..sides);
    Ok((0..dice).map(one_die).collect())
}

#[pyfunction]
fn seed(n: u64) {
    *GENERATOR.lock().unwrap_or_else(PoisonError::into_inner) = StdRng::seed_from_u64(n);
}
