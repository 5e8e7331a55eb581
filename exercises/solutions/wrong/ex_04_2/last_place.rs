// Misconception: inserting a key again is the same as changing its value.
// Rejected by: test_a_word_that_comes_again_keeps_its_first_place
use indexmap::IndexMap;
use pyo3::prelude::*;

#[pyfunction]
fn histogram(words: Vec<String>) -> IndexMap<String, u64> {
    let mut counts = IndexMap::new();
    for word in words {
        let before = counts.shift_remove(&word).unwrap_or(0);
        counts.insert(word, before + 1);
    }
    counts
}
