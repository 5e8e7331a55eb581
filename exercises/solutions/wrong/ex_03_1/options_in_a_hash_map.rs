// Misconception: keyword arguments are a HashMap of texts, in the order of the call.
// Rejected by: test_options_follow_the_timeout, test_an_option_may_be_anything
use std::collections::HashMap;

/// Describe a connection to a database.
#[pyfunction]
#[pyo3(signature = (host, /, port=5432, *, timeout=None, **options))]
fn connect(
    host: &str,
    port: u16,
    timeout: Option<u32>,
    options: Option<HashMap<String, String>>,
) -> String {
    let timeout = timeout.map_or(String::new(), |seconds| format!(" timeout={seconds}"));
    let options = options.unwrap_or_default();
    let words: String = options.iter().map(|(name, value)| format!(" {name}={value}")).collect();
    format!("{host}:{port}{timeout}{words}")
}
