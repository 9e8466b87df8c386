"""Colours: the formula of WCAG, the nearest colour that passes, and nothing but colours in a stylesheet."""

from __future__ import annotations

import colorsys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.portal import theme

# A machine under load is slow at times; what is tested here is the answer.
unhurried = settings(deadline=None)
COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
# WCAG's own examples: black on white 21:1, #777 on white just under 4.5:1, #767676 just over.
KNOWN = [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54)]


@pytest.mark.parametrize(("one", "other", "ratio"), KNOWN)
def test_the_ratio_is_wcags(one: str, other: str, ratio: float) -> None:
    assert theme.contrast_ratio(one, other) == pytest.approx(ratio, abs=0.01)
    assert theme.contrast_ratio(other, one) == theme.contrast_ratio(one, other)


@unhurried
@given(colour=COLOURS, against=st.sampled_from(["#ffffff", "#14171a", "#16130d"]))
def test_the_nearest_passing_colour_passes(colour: str, against: str) -> None:
    found = theme.nearest_passing(colour, against)
    assert theme.contrast_ratio(found, against) >= theme.TEXT_RATIO
    if theme.contrast_ratio(colour, against) >= theme.TEXT_RATIO:
        assert found == colour


@unhurried
@given(colour=COLOURS)
def test_text_on_any_colour_can_be_read(colour: str) -> None:
    assert theme.contrast_ratio(theme.on_colour(colour), colour) >= 4.3


def test_the_nearest_colour_keeps_its_hue() -> None:
    found = theme.nearest_passing("#f28c28", "#ffffff")
    hues = [
        colorsys.rgb_to_hls(*(int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)))[0] for c in (found, "#f28c28")
    ]
    assert hues[0] == pytest.approx(hues[1], abs=0.01)


@unhurried
@given(colour=COLOURS)
def test_the_dark_scheme_can_be_seen(colour: str) -> None:
    assert theme.contrast_ratio(theme.dark_variant(colour), theme.DARK_SURFACE) >= theme.DARK_RATIO


@pytest.mark.parametrize("bad", ["red", "#fff", "#12345g", "#123456;}body{display:none", "", "#123456\n"])
def test_only_colours_reach_the_stylesheet(bad: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        theme.theme_css(bad, "#ffffff")
    with pytest.raises(ValueError, match="not a colour"):
        theme.theme_css("#ffffff", bad)


def test_the_stylesheet_sets_both_schemes() -> None:
    css = theme.theme_css("#9b1c2e", "#e2a72e")
    assert css.startswith(":root{--brand:#9b1c2e;--on-brand:#ffffff;--brand-2:#e2a72e;--on-brand-2:#16130d}")
    assert "prefers-color-scheme:dark" in css
