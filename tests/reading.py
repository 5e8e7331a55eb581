"""How well a text in a browser can be read."""

from __future__ import annotations

from playwright.sync_api import Locator

# An element's ink, and its paper: that of its parents shines through where it is translucent.
_COLOURS = """element => {
    const numbers = text => text.match(/[\\d.]+/g).map(Number);
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
        layers.unshift(numbers(getComputedStyle(at).backgroundColor));
    }
    const over = (below, [r, g, b, alpha = 1]) =>
        [r, g, b].map((part, i) => alpha * part + (1 - alpha) * below[i]);
    return [numbers(getComputedStyle(element).color), layers.reduce(over, [255, 255, 255])];
}"""


# What a drawing in a style sheet is drawn with; a canvas knows the numbers of a colour's name.
_STROKE = """element => {
    const {backgroundImage, content} = getComputedStyle(element);
    const drawing = decodeURIComponent(backgroundImage + content);
    const canvas = document.createElement('canvas').getContext('2d');
    canvas.fillStyle = drawing.match(/stroke=\\W*?([#\\w]+)/)[1];
    return [1, 3, 5].map(at => parseInt(canvas.fillStyle.slice(at, at + 2), 16));
}"""


def contrast(element: Locator) -> float:
    """Return the contrast of a text with its paper, as WCAG 2 defines it (1 to 21)."""
    return _contrast(*element.evaluate(_COLOURS))


def mark_contrast(element: Locator) -> float:
    """Return the contrast of the lines of a drawing with the paper of its element."""
    return _contrast(element.evaluate(_STROKE), element.evaluate(_COLOURS)[1])


def _contrast(ink: list[float], paper: list[float]) -> float:
    def luminance(colour: list[float]) -> float:
        linear = [
            c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
            for c in (part / 255 for part in colour[:3])
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(ink), luminance(paper)))
    return (light + 0.05) / (dark + 0.05)
