"""What the text of a markdown cell holds: headings, pictures, links, words, each with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

_WORD = re.compile(r"\S*\w\S*")
_CODE_TAGS = ("code", "pre")
_PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Heading:
    """A heading of the given level: 1 for the title."""

    level: int
    text: str
    line: int

    @property
    def anchor(self) -> str:
        """The fragment under which JupyterLab and nbconvert find the heading."""
        return self.text.replace(" ", "-")


@dataclass(frozen=True)
class Picture:
    """A picture, in markdown or as an <img>; `alt` is empty when nothing describes it."""

    target: str
    alt: str
    line: int


@dataclass(frozen=True)
class Link:
    """A link, in markdown or as an <a href>."""

    target: str
    line: int


@dataclass(frozen=True)
class Prose:
    """One markdown cell, parsed. `plain` holds its text without code, addresses and tags."""

    headings: tuple[Heading, ...]
    pictures: tuple[Picture, ...]
    links: tuple[Link, ...]
    bullets: int
    answers: int
    plain: tuple[tuple[int, str], ...]

    @property
    def targets(self) -> list[tuple[str, int]]:
        """Where links and pictures lead, each with its line."""
        links = [(link.target, link.line) for link in self.links]
        return links + [(picture.target, picture.line) for picture in self.pictures]

    @property
    def words_by_line(self) -> list[tuple[int, int]]:
        """How many words stand in each piece of text, with its line."""
        return [(line, len(_WORD.findall(text))) for line, text in self.plain]

    @property
    def words(self) -> int:
        """How many words a reader reads; a piece of code within a sentence is one."""
        return sum(count for _, count in self.words_by_line)


class _Html(HTMLParser):
    """Gathers pictures, links, text and folded answers from a piece of HTML."""

    def __init__(self, found: _Found, line: int) -> None:
        super().__init__()
        self._found = found
        self._from = line
        self._code = 0

    @property
    def _line(self) -> int:
        return self._from + self.getpos()[0] - 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            picture = Picture(values.get("src", ""), values.get("alt", ""), self._line)
            self._found.pictures.append(picture)
        elif tag == "a" and "href" in values:
            self._found.links.append(Link(values["href"], self._line))
        self._found.answers += tag == "details"
        self._code += tag in _CODE_TAGS

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in _CODE_TAGS

    def handle_data(self, data: str) -> None:
        if data.strip() and self._code <= 0:
            self._found.plain.append((self._line, data))


class _Found:
    """Gathers what the tokens of a cell hold."""

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self.pictures: list[Picture] = []
        self.links: list[Link] = []
        self.plain: list[tuple[int, str]] = []
        self.bullets = 0
        self.answers = 0

    def block(self, token: Token, before: Token | None) -> None:
        line = token.map[0] + 1 if token.map else 1
        self.bullets += token.type == "list_item_open" and token.level == 1
        if token.type == "html_block":
            self._html(token.content, line)
        elif token.type == "inline":
            if before is not None and before.type == "heading_open":
                text = "".join(child.content for child in token.children or ()).strip()
                self.headings.append(Heading(int(before.tag[1:]), text, line))
            for child in token.children or ():
                self._inline(child, line)
                line += child.type in ("softbreak", "hardbreak")

    def _inline(self, token: Token, line: int) -> None:
        if token.type == "image":
            self.pictures.append(Picture(str(token.attrs["src"]), token.content.strip(), line))
        elif token.type == "link_open":
            self.links.append(Link(str(token.attrs["href"]), line))
        elif token.type == "text":
            self.plain.append((line, token.content))
        elif token.type == "code_inline":
            self.plain.append((line, "code"))
        elif token.type == "html_inline":
            self._html(token.content, line)

    def _html(self, text: str, line: int) -> None:
        reader = _Html(self, line)
        reader.feed(text)
        reader.close()


def parse(source: str) -> Prose:
    """Parse the source of a markdown cell."""
    found = _Found()
    before: Token | None = None
    for token in _PARSER.parse(source):
        found.block(token, before)
        before = token
    return Prose(
        tuple(found.headings),
        tuple(found.pictures),
        tuple(found.links),
        found.bullets,
        found.answers,
        tuple(found.plain),
    )
