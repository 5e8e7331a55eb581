"""pyproject.toml, environment.yml and constraints.txt name the same packages and bounds."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# conda-forge's names where they are not PyPI's.
CONDA_NAMES = {"matplotlib": "matplotlib-base", "tree-sitter": "tree_sitter"}
# What conda adds so that nothing need be installed first.
CONDA_ONLY = {"python", "rust", "c-compiler", "pip"}


def pypi() -> dict[str, SpecifierSet]:
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["lab"], *extras["run"]]
    return {wanted.name: wanted.specifier for wanted in map(Requirement, lines)}


def conda() -> dict[str, SpecifierSet]:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    found = {}
    for entry in environment["dependencies"]:
        if isinstance(entry, dict):
            found.update({r.name: r.specifier for r in map(Requirement, entry["pip"])})
        else:
            name, _, bounds = entry.partition(" ")
            found[name] = SpecifierSet(bounds)
    return found


def test_conda_has_every_package_with_the_same_bounds():
    wanted = {CONDA_NAMES.get(name, name): bounds for name, bounds in pypi().items()}
    found = {name: bounds for name, bounds in conda().items() if name not in CONDA_ONLY}
    assert found == wanted


def test_conda_brings_python_rust_and_a_compiler():
    found = conda()
    assert set(found) >= CONDA_ONLY
    assert found["python"] == SpecifierSet(PROJECT["requires-python"])
    assert found["rust"] == SpecifierSet(">=1.85")


def constraints() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_every_constraint_is_one_version_without_an_address():
    for pinned in constraints():
        assert pinned.url is None, pinned
        assert re.fullmatch(r"==[\w.+!]+", str(pinned.specifier)), pinned


def test_every_named_package_is_pinned_within_its_bounds_on_each_python():
    lines = [*PROJECT["dependencies"], *chain(*PROJECT["optional-dependencies"].values())]
    wanted = [r for r in map(Requirement, lines) if r.name != PROJECT["name"]]
    for version in ("3.11.7", "3.12.1", "3.13.0"):
        here = {
            "python_full_version": version,
            "python_version": version[:4],
            "sys_platform": "linux",
            "os_name": "posix",
        }
        pins = {
            canonicalize_name(pin.name): Version(str(pin.specifier).removeprefix("=="))
            for pin in constraints()
            if pin.marker is None or pin.marker.evaluate(here)
        }
        for requirement in wanted:
            assert pins[canonicalize_name(requirement.name)] in requirement.specifier
