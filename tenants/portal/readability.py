"""Whether two brand colours can be read: each pair that a page uses, its ratio, and the nearest colour that passes."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

from tenants.portal.theme import (
    BLACK,
    PART_RATIO,
    TEXT_RATIO,
    WHITE,
    contrast_ratio,
    nearest_passing,
    on_colour,
)


@dataclass(frozen=True, slots=True)
class ColourCheck:
    """One pair as the administrator sees it. `field` is the colour that the suggestion would change."""

    field: str
    title: str
    colour: str
    against: str
    ratio: float
    needed: float
    suggestion: str | None
    # Text that can't be read stops publishing; two colours too alike are only advised against.
    stops: bool

    @property
    def passes(self) -> bool:
        """Whether the pair reaches WCAG 2.2 AA."""
        return self.ratio >= self.needed

    @property
    def ratio_text(self) -> str:
        """The ratio as "4,5 : 1", cut (not rounded) so that a failing pair never reads as a passing one."""
        whole, tenth = divmod(int(self.ratio * 10), 10)
        return f"{whole},{tenth} : 1"

    @property
    def word(self) -> str:
        """What the number means, in a word."""
        if not self.passes:
            return "Sulit dibaca" if self.stops else "Kurang berbeda"
        if self.needed == PART_RATIO:
            return "Cukup berbeda"
        return "Sangat mudah dibaca" if self.ratio >= 7 else "Mudah dibaca"


def check_colours(color_1: str, color_2: str) -> list[ColourCheck]:
    """Return the pairs of a theme: text on each colour (4.5), and the second colour on the first (3).

    Ratios after https://www.w3.org/TR/WCAG22/#contrast-minimum and #non-text-contrast. Raises ValueError for
    anything but two colours "#rrggbb".
    """
    one, two = color_1.lower(), color_2.lower()
    return [
        _text_on("color_1", "Teks di atas warna utama", one),
        _text_on("color_2", "Teks di atas warna kedua", two),
        _part_on(two, one),
    ]


def readable(color_1: str, color_2: str) -> bool:
    """Whether all text of a theme can be read."""
    return all(check.passes for check in check_colours(color_1, color_2) if check.stops)


def _text_on(field: str, title: str, colour: str) -> ColourCheck:
    ink = on_colour(colour)
    ratio = contrast_ratio(colour, ink)
    suggestion = None
    if ratio < TEXT_RATIO:
        # Either ink may do: offer the smaller step.
        candidates = [nearest_passing(colour, other) for other in (WHITE, BLACK)]
        suggestion = min(candidates, key=lambda found: abs(_lightness(found) - _lightness(colour)))
    return ColourCheck(field, title, colour, ink, ratio, TEXT_RATIO, suggestion, stops=True)


def _part_on(second: str, first: str) -> ColourCheck:
    ratio = contrast_ratio(second, first)
    suggestion = nearest_passing(second, first, PART_RATIO) if ratio < PART_RATIO else None
    title = "Warna kedua di atas warna utama (garis dan tanda)"
    return ColourCheck("color_2", title, second, first, ratio, PART_RATIO, suggestion, stops=False)


def _lightness(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)[1]
