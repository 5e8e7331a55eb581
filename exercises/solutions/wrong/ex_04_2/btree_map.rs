// Misconception: a BTreeMap has an order, so it has the right one.
// Rejected by: test_three_words_stand_in_the_order_in_which_they_came, test_a_hundred_words_keep_their_order
use pyo3::prelude::*;
use std::collections::BTreeMap;

#[pyfunction]
fn histogram(words: Vec<String>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}
