// Misconception: what a function returns must be printed to arrive in Python.
// Rejected by: test_it_is_returned_and_not_printed
let sentence = "Rust is ready, and so am I.";
println!("{sentence}");
sentence
