"""What a cell gives of Cargo.toml or pyproject.toml, merged into the generated file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError
from tomlkit.items import AoT, InlineTable

from rustcell.crates.files import CellFile
from rustcell.errors import OptionsError

_DEPENDENCIES = ("dependencies", "dev-dependencies", "build-dependencies")
_DECIDES_ON_CRATES = (*_DEPENDENCIES[1:], "target", "features", "profile")
"""The tables, beside [dependencies], that change what is compiled before the cell's own code."""

# Keys that a cell cannot give, and the way to what they are for.
_REFUSED = {
    "Cargo.toml": {
        "package.name": "The package is named after the module: pip and %rust_clean know it so.",
        "package.edition": "Write --edition on the line of %%rust_module.",
        "package.workspace": "A cell's crate stands alone.",
        "workspace": "A cell's crate stands alone.",
        "patch": "Name the crate's version under [dependencies].",
        "replace": "Name the crate's version under [dependencies].",
        "lib.name": "The library is named after the module.",
        "lib.path": "The library's root is the %%rust_module cell itself.",
        "dependencies.pyo3": "Choose PyO3's version with --pyo3 and its features with --features.",
        "dependencies.rustcell_support": "Leave it out: it is there.",
    },
    "pyproject.toml": {
        "build-system": "maturin builds every cell. %rust_export gives a project to change.",
        "project.name": "The package is named after the module: pip and %rust_clean know it so.",
        "tool.maturin": "rustcell sets it. %rust_export gives a project to change.",
    },
}


def checked(file: CellFile) -> None:
    """Make sure that a cell's Cargo.toml or pyproject.toml can be merged.

    Raises
    ------
    OptionsError
        When it is no TOML, or has keys that are not the cell's to give: all are named.
    """
    try:
        given = tomlkit.parse(file.body).unwrap()
    except ParseError as error:
        what = str(error).partition(" at line ")[0].rstrip(".")
        raise OptionsError(
            f"{file.path} cannot be read: {what} in line {error.line + file.lines_above}",
            "Correct the line. A table begins with [its.name], a text stands in double quotes.",
        ) from error
    refused = {
        key: why for key, why in _REFUSED[file.path].items() if _holds(given, key.split("."))
    }
    refused |= dict.fromkeys(
        _paths(given),
        "A folder of yours is not part of the cell's key. Put the code into src/ as a module.",
    )
    if refused:
        raise OptionsError(
            f"{file.path} cannot set {', '.join(refused)}",
            "\n".join(dict.fromkeys(refused.values())),
        )


def merged(generated: str, file: CellFile, without: Collection[str] = ()) -> str:
    """Return the generated text with the cell's keys in it; these carry the cell's label.

    Tables whose names are in `without` are left out.
    """
    document = tomlkit.parse(generated)
    given = {key: value for key, value in tomlkit.parse(file.body).items() if key not in without}
    _merge(document, given, file.label)
    return tomlkit.dumps(document)


def with_tables(generated: str, tables: str) -> str:
    """Return the generated text with all keys of `tables`, a text by `crate_tables`, in it."""
    document = tomlkit.parse(generated)
    _merge(document, tomlkit.parse(tables), "")
    return tomlkit.dumps(document)


def dependencies(file: CellFile) -> dict[str, str]:
    """Return the crates under [dependencies] of a Cargo.toml, with their TOML values."""
    given = tomlkit.parse(file.body).unwrap().get("dependencies", {})
    return {name: _inline(value) for name, value in given.items()}


def crate_tables(file: CellFile) -> str:
    """Return the rest of what a Cargo.toml says on crates to compile, in canonical TOML."""
    given = tomlkit.parse(file.body).unwrap()
    kept = {name: given[name] for name in _DECIDES_ON_CRATES if name in given}
    features = kept.get("features", {})
    if {part for parts in features.values() for part in parts} <= set(features):
        kept.pop("features", None)  # they choose among the cell's own code only
    return tomlkit.dumps(kept, sort_keys=True)


def _merge(into: Any, given: Mapping[str, Any], label: str) -> None:
    for key, value in given.items():
        here = into.get(key)
        if _is_table(value) and _is_table(here):
            _merge(here, value, label)
        elif _is_table(value):
            into.pop(key, None)
            into[key] = tomlkit.table(is_super_table=all(map(_is_table, value.values())))
            _merge(into[key], value, label)
        else:
            item = tomlkit.item(value)
            if label and not isinstance(item, AoT):
                item.comment(label)
            into[key] = item


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and not isinstance(value, InlineTable)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return str(tomlkit.item(value).as_string())


def _holds(given: Mapping[str, Any], keys: list[str]) -> bool:
    inner: Any = given
    for key in keys:
        if not isinstance(inner, Mapping) or key not in inner:
            return False
        inner = inner[key]
    return True


def _paths(given: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Yield the keys `path` of all tables of dependencies."""
    for name, value in given.items():
        here = f"{place}.{name}".lstrip(".")
        if name in _DEPENDENCIES and isinstance(value, Mapping):
            for crate, wanted in value.items():
                if isinstance(wanted, Mapping) and "path" in wanted:
                    yield f"{here}.{crate}.path"
        elif isinstance(value, Mapping) and "target" in (name, place.partition(".")[0]):
            yield from _paths(value, here)
