// Misconception: a text is wanted, so Python's `str()` of each item will do.
// Rejected by: test_a_word_is_a_type_error, test_a_number_that_is_too_large_is_an_overflow_error
Ok(numbers.iter().map(|number| number.to_string()).collect())
