// Misconception: the first parameter is positional-only anyway.
// Rejected by: test_the_signature, test_the_host_cannot_be_named, test_an_option_may_be_called_host
/// Describe a connection to a database.
#[pyfunction]
#[pyo3(signature = (host, port=5432, *, timeout=None, **options))]
fn connect(
    host: &str,
    port: u16,
    timeout: Option<u32>,
    options: Option<&Bound<'_, PyDict>>,
) -> String {
    let timeout = timeout.map_or(String::new(), |seconds| format!(" timeout={seconds}"));
    format!("{host}:{port}{timeout}{}", in_words(options))
}
