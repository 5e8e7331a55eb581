# Misconception: a new library in the old one's place is new code.
# Rejected by: test_the_same_name_with_new_source
with tempfile.TemporaryDirectory(prefix="by-hand-", ignore_cleanup_errors=True) as folder:
    project = Path(folder)
    (project / "src").mkdir()
    (project / "Cargo.toml").write_text(manifest(name))
    (project / "src" / "lib.rs").write_text(source)
    command = ["cargo", "build", "--quiet", "--offline", "--target-dir", "target"]
    subprocess.run(command, cwd=project, env=environment(), check=True)
    files = (project / "target" / "debug").iterdir()
    built = next(file for file in files if file.suffix in {".so", ".dylib", ".dll"})
    path = Path(tempfile.gettempdir(), name + importlib.machinery.EXTENSION_SUFFIXES[0])
    path.unlink(missing_ok=True)
    shutil.copy(built, path)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
