"""A region's two colours made into a theme: what is readable, and the nearest colour that is.

Contrast follows WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

from __future__ import annotations

import colorsys
import re

COLOUR = re.compile(r"#[0-9a-f]{6}")
WHITE, BLACK = "#ffffff", "#16130d"
# The page's own grounds in both schemes, as static/css/app.css sets them.
LIGHT_SURFACE, DARK_SURFACE = "#ffffff", "#14171a"
TEXT_RATIO = 4.5
# Parts of the interface must stand out from their ground (WCAG 2.2, 1.4.11).
PART_RATIO = 3.0
# Enough for a band or a button to be seen on the dark ground; their words carry the contrast that is read.
DARK_RATIO = 2.2
STEPS = 256

DEFAULT_COLOUR_1, DEFAULT_COLOUR_2, DEFAULT_MOTIF = "#1d4f7a", "#e0a33a", "anyam"


def is_colour(text: str) -> bool:
    """Whether `text` is a colour as we keep it: "#" and six lower-case hex digits."""
    return COLOUR.fullmatch(text) is not None


def contrast_ratio(one: str, other: str) -> float:
    """Return the WCAG contrast of two colours, 1 to 21. Raises ValueError for anything but "#rrggbb"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def on_colour(ground: str) -> str:
    """Return the text colour, near-white or near-black, that is easier to read on `ground`."""
    return max((WHITE, BLACK), key=lambda ink: contrast_ratio(ink, ground))


def nearest_passing(colour: str, against: str, ratio: float = TEXT_RATIO) -> str:
    """Return the colour of the same hue, nearest in lightness, whose contrast with `against` is ≥ `ratio`.

    `colour` itself when it passes; black or white when no lightness of the hue does.
    """
    if contrast_ratio(colour, against) >= ratio:
        return colour.lower()
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in _parts(colour)))
    tried = sorted(range(STEPS + 1), key=lambda step: abs(step / STEPS - lightness))
    for step in tried:
        candidate = _hex(colorsys.hls_to_rgb(hue, step / STEPS, saturation))
        if contrast_ratio(candidate, against) >= ratio:
            return candidate
    return max(("#ffffff", "#000000"), key=lambda end: contrast_ratio(end, against))


def dark_variant(colour: str) -> str:
    """Return `colour` for the dark scheme: the same hue, light enough to stand out from the dark ground."""
    return nearest_passing(colour, DARK_SURFACE, DARK_RATIO)


def theme_css(color_1: str, color_2: str, selector: str = ":root") -> str:
    """Return the stylesheet of a region: its colours and the readable text on them, in both schemes.

    Raises ValueError for anything but two colours, so that nothing else can reach a stylesheet.
    """
    light = _declarations(color_1, color_2)
    dark = _declarations(dark_variant(color_1), dark_variant(color_2))
    return f"{selector}{{{light}}}\n@media (prefers-color-scheme:dark){{{selector}{{{dark}}}}}\n"


def _declarations(brand: str, second: str) -> str:
    return (
        f"--brand:{brand};--on-brand:{on_colour(brand)};--brand-2:{second};--on-brand-2:{on_colour(second)}"
    )


def _parts(colour: str) -> tuple[int, int, int]:
    value = colour.lower()
    if not is_colour(value):
        raise ValueError(f"not a colour: {colour!r}")
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    """Relative luminance, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
