// Misconception: a HashMap keeps the order of insertion, as a dict does.
// Rejected by: test_a_hundred_words_keep_their_order
use pyo3::prelude::*;
use std::collections::HashMap;

#[pyfunction]
fn histogram(words: Vec<String>) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}
