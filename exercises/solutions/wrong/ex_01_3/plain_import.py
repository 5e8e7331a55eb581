# Misconception: import looks at the file each time.
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
    shutil.copy(built, project / (name + importlib.machinery.EXTENSION_SUFFIXES[0]))
    sys.path.insert(0, str(project))
    importlib.invalidate_caches()
    return importlib.import_module(name)
