"""The reports of a run: whatever a chapter prints, they stay well-formed and inert."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from rustcell.course.execute import ChapterResult
from rustcell.course.run_report import write_html, write_junit
from rustcell.errors import CourseError

HOSTILE = "</pre><script>alert('x')</script> & \x00 \ud800 ]]>"

RESULTS = [
    ChapterResult("00_fine", "passed", 3, 3, 1.25),
    ChapterResult("01_taken", "passed", 2, 2, 0.5, earlier=True),
    ChapterResult("02_fails", "failed", 3, 1, 2.0, 2, f"KeyError: {HOSTILE}", HOSTILE, HOSTILE),
    ChapterResult("03_dies", "kernel died", 3, 1, 2.0, 2, "the kernel died in cell 2"),
    ChapterResult("04_broken", "not run", error="no notebook"),
]


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.tags.append(tag)
        self.ids.add(named.get("id") or "")
        if "href" in named:
            self.links.add(named["href"])

    def handle_data(self, data):
        self.text += data


def test_junit_has_a_case_for_each_chapter(tmp_path):
    path = tmp_path / "new folder" / "r.xml"
    write_junit(path, RESULTS)
    suite = ET.parse(path).getroot()
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors")}
    assert counts == {"tests": "5", "failures": "1", "errors": "2"}
    cases = {case.get("name"): case for case in suite}
    assert len(cases["00_fine"]) == 0
    assert len(cases["01_taken"]) == 0
    failure = cases["02_fails"].find("failure")
    assert "cell 2: KeyError" in failure.get("message")
    assert "<script>alert('x')</script> & � � ]]>" in failure.text
    assert cases["03_dies"].find("error").get("type") == "kernel died"


def test_the_page_stands_alone_and_runs_nothing(tmp_path):
    path = tmp_path / "r.html"
    write_html(path, RESULTS)
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.tags.count("h1") == 1
    assert "<script>alert('x')</script>" in page.text
    assert "3 of 5 chapters did not pass" in page.text
    assert page.links == {"#02_fails", "#03_dies", "#04_broken"}
    assert {link.removeprefix("#") for link in page.links} <= page.ids


def test_a_report_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match=r"The report r\.html cannot be written"):
        write_html(tmp_path / "file" / "r.html", RESULTS)
