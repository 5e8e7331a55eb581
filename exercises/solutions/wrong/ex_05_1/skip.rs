// Misconception: no panic means that bad items may be left out.
// Rejected by: test_a_word_is_a_type_error, test_none_and_floats_are_type_errors
let good = numbers.iter().filter_map(|number| number.extract::<i64>().ok());
Ok(good.map(|number| number.to_string()).collect())
