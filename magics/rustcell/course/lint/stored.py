"""What a notebook file stores: outputs, in the one canonical form."""

from __future__ import annotations

from collections.abc import Iterator

from rustcell.course.lint.finding import Finding
from rustcell.course.lint.page import Page
from rustcell.course.notebook import stored_text


def outputs(page: Page) -> Iterator[Finding]:
    """`outputs`: every code cell has run; in released exercises none has."""
    for cell in page.code:
        ran = cell.node.execution_count is not None
        if page.kind == "released":
            if ran or cell.node.outputs:
                yield page.finding(
                    "outputs", "an output in released exercises", "rustcell dev release", cell
                )
        elif not ran and "skip-execution" not in cell.tags:
            yield page.finding("outputs", "never run", f"rustcell run {page.file} --write", cell)


def canonical(page: Page) -> Iterator[Finding]:
    """`canonical`: the file is byte for byte what `rustcell run --write` stores."""
    if page.path.read_bytes() != stored_text(page.notebook).encode("utf-8"):
        yield page.finding(
            "canonical",
            "not in the form that is stored (metadata, counts, or how the JSON is written)",
            "rustcell dev release"
            if page.kind == "released"
            else f"rustcell run {page.file} --write",
        )
