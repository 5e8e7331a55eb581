// Misconception: a timeout of 0 is the same as none, as 0 is false in Python.
// Rejected by: test_a_timeout_of_zero_is_a_timeout
/// Describe a connection to a database.
#[pyfunction]
#[pyo3(signature = (host, /, port=5432, *, timeout=None, **options))]
fn connect(
    host: &str,
    port: u16,
    timeout: Option<u32>,
    options: Option<&Bound<'_, PyDict>>,
) -> String {
    let timeout = timeout.filter(|seconds| *seconds > 0).map_or(String::new(), |seconds| format!(" timeout={seconds}"));
    format!("{host}:{port}{timeout}{}", in_words(options))
}
