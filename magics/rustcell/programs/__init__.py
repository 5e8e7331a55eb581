"""What `%%rust_main` and `%%rust_test` built, run, and what became of it."""
