"""Writes what came of a run: JUnit XML for machines, one page of HTML for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from jinja2 import Environment, PackageLoader, StrictUndefined

from rustcell.course import files
from rustcell.course.execute import ChapterResult
from rustcell.errors import CourseError

# XML 1.0 has no way to write these, escaped or not.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(path: Path, results: Sequence[ChapterResult]) -> None:
    """Write the results as JUnit XML: a test case for each chapter, times in seconds."""
    suite = ET.Element(
        "testsuite",
        name="rustcell run",
        tests=str(len(results)),
        failures=str(sum(result.verdict == "failed" for result in results)),
        errors=str(sum(result.verdict not in {"passed", "failed"} for result in results)),
        time=f"{sum(result.seconds for result in results):.3f}",
    )
    for result in results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="chapters",
            name=result.chapter,
            time=f"{result.seconds:.3f}",
        )
        if result.passed:
            continue
        # JUnit tells a claim that is false from a run that went wrong.
        kind = "failure" if result.verdict == "failed" else "error"
        problem = ET.SubElement(case, kind, message=_xml(headline(result)), type=result.verdict)
        problem.text = _xml("\n\n".join(part for part in (result.source, result.text) if part))
    ET.indent(suite)
    _write(path, ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def write_html(path: Path, results: Sequence[ChapterResult]) -> None:
    """Write the results as one page that needs no other file."""
    environment = Environment(
        loader=PackageLoader("rustcell.course", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("run_report.html.j2")
    page = template.render(
        results=results,
        headline=headline,
        failed=[result for result in results if not result.passed],
        seconds=sum(result.seconds for result in results),
    )
    _write(path, page.encode("utf-8", "backslashreplace"))


def headline(result: ChapterResult) -> str:
    """Return what went wrong in one line: the cell, and its error."""
    where = f"cell {result.failing_cell}: " if result.failing_cell else ""
    return f"{where}{result.error}"


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _write(path: Path, data: bytes) -> None:
    try:
        files.write(path, data)
    except OSError as error:
        raise CourseError(
            f"The report {path.name} cannot be written: {error.strerror}.",
            "Name another file, or free some space.",
        ) from error
