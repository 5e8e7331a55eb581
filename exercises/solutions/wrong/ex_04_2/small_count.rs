// Misconception: a count is a small number.
// Rejected by: test_a_hundred_thousand_words
use indexmap::IndexMap;
use pyo3::prelude::*;

#[pyfunction]
fn histogram(words: Vec<String>) -> IndexMap<String, u8> {
    let mut counts = IndexMap::new();
    for word in words {
        let count: &mut u8 = counts.entry(word).or_insert(0);
        *count = count.wrapping_add(1);
    }
    counts
}
