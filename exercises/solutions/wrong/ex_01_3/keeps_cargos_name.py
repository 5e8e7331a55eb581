# Misconception: Python imports the library under the name that cargo gave it.
# Rejected by: test_the_file_has_a_name_that_import_looks_for
with tempfile.TemporaryDirectory(prefix="by-hand-", ignore_cleanup_errors=True) as folder:
    project = Path(folder)
    (project / "src").mkdir()
    (project / "Cargo.toml").write_text(manifest(name))
    (project / "src" / "lib.rs").write_text(source)
    command = ["cargo", "build", "--quiet", "--offline", "--target-dir", "target"]
    subprocess.run(command, cwd=project, env=environment(), check=True)
    files = (project / "target" / "debug").iterdir()
    built = next(file for file in files if file.suffix in {".so", ".dylib", ".dll"})
    spec = importlib.util.spec_from_file_location(name, built)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
