# Misconception: only maturin can make an extension, and it must be installed.
# Rejected by: test_f_of_one
with tempfile.TemporaryDirectory(prefix="by-hand-", ignore_cleanup_errors=True) as folder:
    project = Path(folder)
    (project / "src").mkdir()
    (project / "Cargo.toml").write_text(manifest(name))
    (project / "src" / "lib.rs").write_text(source)
    command = [sys.executable, "-m", "maturin", "develop", "--offline"]
    subprocess.run(command, cwd=project, env=environment(), check=True)
    return importlib.import_module(name)
