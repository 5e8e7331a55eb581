// Misconception: a space at the end cannot be seen, so it does no harm.
// Rejected by: test_the_sentence_letter_by_letter, test_nothing_stands_behind_the_full_stop
"Rust is ready, and so am I. "
