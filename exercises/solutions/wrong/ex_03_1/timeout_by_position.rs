// Misconception: what has a default is passed by name only.
// Rejected by: test_the_signature, test_the_timeout_must_be_named
/// Describe a connection to a database.
#[pyfunction]
#[pyo3(signature = (host, /, port=5432, timeout=None, **options))]
fn connect(
    host: &str,
    port: u16,
    timeout: Option<u32>,
    options: Option<&Bound<'_, PyDict>>,
) -> String {
    let timeout = timeout.map_or(String::new(), |seconds| format!(" timeout={seconds}"));
    format!("{host}:{port}{timeout}{}", in_words(options))
}
