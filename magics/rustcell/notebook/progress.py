"""A progress bar in the notebook while a build is long, gone when it is done.

It is displayed as a widget alone, without a text twin: graders compare text and would
find it in a cold run only. Its text for screen readers is inside the widget.
"""

from __future__ import annotations

import html
import os
import time
from types import TracebackType
from typing import Any, Self

from rustcell.building.dependencies import Progress

_PATIENCE = 0.5
"""Seconds before anything is shown."""

_kept: Any = None


class ProgressBar:
    """Call it with `Progress`; use it as a context manager so that it always goes away."""

    def __init__(self, label: str, *, notebook: bool) -> None:
        self._label = label
        self._notebook = notebook and os.environ.get("RUSTCELL_PROGRESS", "on") != "off"
        self._start = time.monotonic()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, progress: Progress) -> None:
        elapsed = time.monotonic() - self._start
        if not self._notebook or elapsed < _PATIENCE:
            return
        widget = _widget()
        words = html.escape(described(progress, elapsed))
        # Traitlets sends it only when it differs: a message for each crate and each second.
        widget.value = f"{bar_html(self._label, progress)} <span>{words}</span>"
        if not self._shown:
            self._shown = True
            _display(widget)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            from IPython.display import clear_output

            clear_output()


def _widget() -> Any:
    """Return the kernel's one bar, which every build shows anew.

    A build may end while a page still draws the bar. IPyWidgets then reports an error for a
    widget that was closed, for one in a box, and for one that has a layout. This one is a single
    widget without a layout, and it is not closed.
    """
    global _kept  # noqa: PLW0603
    # `Widget.close_all()`, which anyone may call, closes this one too.
    if _kept is None or _kept.comm is None:
        from ipywidgets import HTML, Layout
        from traitlets import Instance

        class Bar(HTML):  # type: ignore[misc]  # IPyWidgets has no types
            layout = Instance(Layout, allow_none=True).tag(sync=True)

        _kept = Bar()
    return _kept


def _display(widget: Any) -> None:
    from IPython.display import display

    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)


def bar_html(label: str, progress: Progress) -> str:
    """Return a bar that browsers and screen readers know as one.

    IPyWidgets' own bar has no role, value or name for a screen reader. Without a value the
    bar is "busy" and moves: its length is not known.
    """
    name = html.escape(f"building {label}", quote=True)
    known = f'max="{progress.total}" value="{min(progress.done, progress.total)}" '
    style = "width:10em;vertical-align:middle;accent-color:var(--jp-brand-color1,#1976d2)"
    return (
        f'<progress aria-label="{name}" {known if progress.total else ""}style="{style}">'
        "</progress>"
    )


def described(progress: Progress, seconds: float) -> str:
    """Return what is going on, in words, and for how many seconds."""
    steps = ""
    if progress.total:
        steps = f", {progress.done} of about {progress.total} crates, once for all later cells"
    doing = progress.doing if " " in progress.doing else f"compiling {progress.doing}"
    return f"{doing}{steps} ({seconds:.0f} s)"
