// Misconception: the list is of numbers, so `unwrap` cannot fail.
// Rejected by: test_a_word_is_a_type_error, test_a_number_that_is_too_large_is_an_overflow_error
Ok(numbers
    .iter()
    .map(|number| number.extract::<i64>().unwrap().to_string())
    .collect())
