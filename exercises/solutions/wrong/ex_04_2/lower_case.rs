// Misconception: words are the same when they differ in case or in the spaces around them.
// Rejected by: test_words_are_compared_exactly
use indexmap::IndexMap;
use pyo3::prelude::*;

#[pyfunction]
fn histogram(words: Vec<String>) -> IndexMap<String, u64> {
    let mut counts = IndexMap::new();
    for word in words {
        *counts.entry(word.trim().to_lowercase()).or_insert(0) += 1;
    }
    counts
}
