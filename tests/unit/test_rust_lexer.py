"""Rust cells in exported notebooks: the lexer, and that nbconvert asks for it by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from nbconvert import HTMLExporter, SlidesExporter
from nbconvert.exporters import TemplateExporter
from nbformat.v4 import new_code_cell, new_notebook
from pygments.token import Comment, Error, Keyword, Name

from rustcell.notebook.rust_lexer import RustCellLexer

RUST = """
%%rust_module geometry --dep 'serde = "1"'
fn first<'a>(x: &'a str) -> &'a str { x } // it's
"""


def tokens(text: str) -> Sequence[tuple[object, str]]:
    found = list(RustCellLexer().get_tokens(text))
    assert "".join(value for _, value in found).rstrip("\n") == text.rstrip("\n")
    assert Error not in {kind for kind, _ in found}
    return found


def test_the_body_is_rust():
    found = tokens(RUST)
    assert (Keyword, "rust_module") in found
    assert (Keyword, "fn") in found
    assert (Comment.Single, "// it's\n") in found


@pytest.mark.parametrize(
    ("line", "body", "expected"),
    [
        ("x Cargo.toml", "[lib]\n", (Keyword, "lib")),
        ("x python/x/__init__.py", "def f(): ...\n", (Keyword, "def")),
        ("x x.pyi", "def f(): ...\n", (Keyword, "def")),
        ("x src/a.rs", "fn f() {}\n", (Keyword, "fn")),
    ],
)
def test_a_file_has_the_language_of_its_suffix(line, body, expected):
    assert expected in tokens(f"%%rust_file {line}\n{body}")


@pytest.mark.parametrize("text", ["", "fn", "%%rust_file\nfn x", "%%rust_file x y.no\nfn x"])
def test_what_has_no_language_is_plain_text(text):
    assert (Keyword, "fn") not in tokens(text)
    assert (Name.Function, "x") not in tokens(text)


@pytest.mark.parametrize("exporter", [HTMLExporter, SlidesExporter])
def test_nbconvert_colours_rust_without_being_told(exporter: type[TemplateExporter]):
    sources = (RUST, "def f(): pass")
    language = {"name": "python", "pygments_lexer": "ipython3"}
    notebook = new_notebook(
        cells=[new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)],
        metadata={"language_info": language},
    )
    page, _ = exporter().from_notebook_node(notebook)
    keywords = re.findall(r'<span class="k">(\w+)</span>', page)
    assert [word for word in keywords if word in {"rust_module", "fn", "def"}] == [
        "rust_module",
        "fn",
        "def",
    ]
