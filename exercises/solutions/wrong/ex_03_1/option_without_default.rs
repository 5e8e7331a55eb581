// Misconception: an `Option` may be left out, so it needs no default.
// Rejected by: test_a_host_is_enough, test_the_signature
/// Describe a connection to a database.
#[pyfunction]
#[pyo3(signature = (host, /, port=5432, *, timeout, **options))]
fn connect(
    host: &str,
    port: u16,
    timeout: Option<u32>,
    options: Option<&Bound<'_, PyDict>>,
) -> String {
    let timeout = timeout.map_or(String::new(), |seconds| format!(" timeout={seconds}"));
    format!("{host}:{port}{timeout}{}", in_words(options))
}
