"""A module as a maturin project of its own, as text: nothing of rustcell is needed to build it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit

from rustcell.crates import toml_merge
from rustcell.crates.crate import WRAPPER, CrateSpec
from rustcell.crates.extension import SUPPORT_LINES
from rustcell.crates.files import MERGED
from rustcell.crates.manifest import SUPPORT, manifest, pyproject, target

_README = """\
# {name}

A Python module written in Rust with [PyO3](https://pyo3.rs) and built by
[maturin](https://www.maturin.rs). It began as a cell of a notebook.

```sh
python -m venv .venv && . .venv/bin/activate      # Windows: .venv\\Scripts\\activate
pip install maturin pytest
maturin develop --release                         # build it and install it into .venv
pytest
maturin build --release                           # a wheel, in target/wheels
```

After an edit of `src/lib.rs`, run `maturin develop` again. `.github/workflows/CI.yml` builds
wheels for Linux, macOS and Windows and runs the tests. `maturin generate-ci github` writes it anew.
"""

_IGNORED = """\
/target
/dist
.venv/
__pycache__/
.pytest_cache/
.rustcell-export.json
*.so
*.pyd
"""

_GENERATED_MODULE = """\
// The module that Python imports, made by rustcell: the cell of the notebook had none.
// Its classes say that they live in it, so that they can be pickled."""
_ALONE = "A project of its own, also below another Cargo.toml."


def project_files(spec: CrateSpec, stubs: Mapping[str, str]) -> dict[str, str]:
    """Return the project of a crate by path, without lock file, tests and CI.

    Parameters
    ----------
    stubs:
        Type stubs, and `py.typed`, by their paths in site-packages.
    """
    name = spec.name
    given = {file.path: file.body for file in spec.given}
    written = {path: text for path, text in given.items() if path not in MERGED}
    layout = _layout(spec, stubs)
    return {
        "README.md": _README.format(name=name),
        ".gitignore": _IGNORED,
        **_variables(spec),
        **layout,
        **written,
        "Cargo.toml": _manifest(spec, given.get("Cargo.toml")),
        "pyproject.toml": _pyproject(
            spec, given.get("pyproject.toml"), package=f"python/{name}/__init__.py" in layout
        ),
        "src/lib.rs": _library(spec),
    }


def _library(spec: CrateSpec) -> str:
    text = f"{spec.body().strip()}\n"
    module = spec.tail.removesuffix(SUPPORT_LINES).strip().replace("__rustcell_", "_")
    return f"{text}\n{_GENERATED_MODULE}\n{module}\n" if module else text


def _layout(spec: CrateSpec, stubs: Mapping[str, str]) -> dict[str, str]:
    """Return where the stubs lie, and the Python package when they need one.

    Beside a library alone there is room for one stub. maturin takes more of them from a package
    only, and the package that it would make by itself is written out for that.
    """
    name = spec.name
    single = {f"{name}/__init__.pyi", f"{name}/py.typed"}
    wrapper = f"python/{name}/__init__.py"
    if spec.given.mixed:
        return {path: text for path, text in spec.files if path == wrapper} | {
            f"python/{path}": text for path, text in stubs.items()
        }
    if set(stubs) <= single:
        return {f"{name}.pyi": text for path, text in stubs.items() if path.endswith(".pyi")}
    package = {f"python/{path}": text for path, text in stubs.items()}
    return {**package, wrapper: WRAPPER.format(name=name) + "\n"}


def _manifest(spec: CrateSpec, given: str | None) -> str:
    text = manifest(
        spec.name, target("extension", spec.name), spec.edition, spec.dependencies, Path()
    )
    document: Any = tomlkit.parse(text)
    del document["dependencies"][SUPPORT]
    del document["package"]["publish"]
    del document["profile"]
    if given is not None:
        document = tomlkit.parse(toml_merge.with_tables(tomlkit.dumps(document), given))
    document["workspace"].comment(_ALONE)
    return tomlkit.dumps(document)


def _pyproject(spec: CrateSpec, given: str | None, *, package: bool) -> str:
    document: Any = tomlkit.parse(pyproject(spec.name, mixed=spec.given.mixed))
    project = document["project"]
    project["name"] = spec.name
    project["description"] = "A Python module written in Rust"
    project["readme"] = "README.md"
    if spec.dependencies.abi3:
        project["requires-python"] = f">={spec.dependencies.abi3}"
    if package and not spec.given.mixed:
        document["tool"]["maturin"]["module-name"] = f"{spec.name}.{spec.name}"
        document["tool"]["maturin"]["python-source"] = "python"
    document["tool"]["maturin"]["generate-ci"] = {"github": {"pytest": True}}
    document["dependency-groups"] = {"test": ["pytest>=8"]}
    text = tomlkit.dumps(document)
    return text if given is None else toml_merge.with_tables(text, given)


def _variables(spec: CrateSpec) -> dict[str, str]:
    """Return cargo's file for the variables of --env, by which the code was compiled."""
    if not spec.env:
        return {}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in spec.env]
    return {".cargo/config.toml": "\n".join(["[env]", *lines, ""])}
