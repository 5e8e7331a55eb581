// Misconception: the quotes that Python shows around a str belong to the text.
// Rejected by: test_the_sentence_letter_by_letter, test_nothing_stands_before_the_r
"'Rust is ready, and so am I.'"
