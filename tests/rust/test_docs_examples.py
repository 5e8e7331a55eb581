"""The examples of docs/magics.md run in their order and show what the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kernels import CellResult, Kernel, kernel
from rustcell.errors import plain_text

pytestmark = pytest.mark.rust

PAGE = Path(__file__).parents[2] / "docs" / "magics.md"
BLOCK = re.compile(r"^```(?:text|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ERROR = re.compile(r"(\w+(?:Error|Exception)): ")


@dataclass
class Example:
    """A cell and the lines that the page shows below it."""

    cell: str
    shown: list[str] = field(default_factory=list)

    @property
    def raises(self) -> str:
        """The name of the error that the page says it ends with, "" for none."""
        found = ERROR.match(self.shown[0]) if self.shown else None
        return found[1] if found else ""


def examples(text: str) -> list[Example]:
    """Return a page's cells; a block of text without a magic is what the cell above shows."""
    found: list[Example] = []
    for block in BLOCK.finditer(text):
        if block[0].startswith("```python") or block[1].startswith("%"):
            found.append(Example(block[1].rstrip("\n")))
        else:
            found[-1].shown += block[1].splitlines()
    return found


def sections() -> dict[str, list[Example]]:
    title, *rest = re.split(r"^## (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    pairs = zip(["The page's first", *rest[::2]], [title, *rest[1::2]], strict=True)
    return {name: found for name, text in pairs if (found := examples(text))}


SECTIONS = sections()
FIRST, *OTHERS = SECTIONS


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel in an empty folder in which the page's first module is built."""
    with kernel(cwd=tmp_path_factory.mktemp("page")) as started:
        for example in SECTIONS[FIRST]:
            assert started.run(example.cell).ok
        yield started


def help_of(running: Kernel, cell: str) -> str:
    """Return the help that `name?` opens: it is sent as no output of the cell."""
    sent = running.client.execute(cell)
    while True:
        reply = running.client.get_shell_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == sent:
            return plain_text(reply["content"]["payload"][0]["data"]["text/plain"])


def missing(stated: list[str], came: str) -> list[str]:
    """Return the stated lines that did not come; spaces that lay out columns do not count."""
    lines = {" ".join(line.split()) for line in came.splitlines()}
    return [
        line
        for line in stated
        if line.strip() not in ("", "…") and " ".join(line.split()) not in lines
    ]


@pytest.mark.parametrize("section", OTHERS)
def test_the_examples_of_a_section_run_as_the_page_says(running: Kernel, section: str):
    for example in SECTIONS[section]:
        if example.cell.endswith("?"):
            came = help_of(running, example.cell)
            result = CellResult()
        else:
            result = running.run(example.cell, timeout=300)
            came = result.text
        assert result.ename == example.raises, f"{example.cell}\n{came}"
        assert not missing(example.shown, came), f"{example.cell}\n{came}"


@pytest.mark.parametrize(
    "magic",
    [
        *("%%rust_module", "%%rust_main", "%%rust_test", "%%rust_file"),
        *("%rust_expand", "%rust_stubs", "%rust_wheel", "%rust_export"),
        *("%rust_status", "%rust_clean", "%rust_explain", "%rust_plain"),
    ],
)
def test_each_magic_has_a_section_with_an_example(magic: str):
    (named,) = [name for name in SECTIONS if re.match(rf"`{magic}\b", name)]
    assert any(example.cell.startswith(magic) for example in SECTIONS[named])


def test_a_line_that_does_not_come_is_noticed():
    assert missing(["a  b", "…", "c"], "x\n   a b\n") == ["c"]
