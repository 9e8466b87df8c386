"""Brand colours: the ratio, and the nearest colour that passes."""

from __future__ import annotations

import colorsys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenants.portal.readability import check_colours, readable
from tenants.portal.theme import contrast_ratio, on_colour

colour = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def hue_and_lightness(text: str) -> tuple[float, float]:
    red, green, blue = (int(text[start : start + 2], 16) / 255 for start in (1, 3, 5))
    hue, lightness, _saturation = colorsys.rgb_to_hls(red, green, blue)
    return hue, lightness


@settings(max_examples=60, deadline=None)
@given(colour, colour)
@example("#777777", "#7a7a7a")
@example("#ffffff", "#ffffff")
def test_what_is_offered_passes_and_keeps_its_hue(first: str, second: str) -> None:
    for check in check_colours(first, second):
        assert check.passes == (check.suggestion is None)
        if check.suggestion is None:
            continue
        against = on_colour(check.suggestion) if check.stops else check.against
        assert contrast_ratio(check.suggestion, against) >= check.needed
        old, new = hue_and_lightness(check.colour), hue_and_lightness(check.suggestion)
        if 0.02 < new[1] < 0.98 and len({check.colour[1:3], check.colour[3:5], check.colour[5:7]}) > 1:
            # Eight bits a channel can't keep the hue of near-grey more exactly than this.
            chroma = max(int(check.suggestion[i : i + 2], 16) for i in (1, 3, 5)) - min(
                int(check.suggestion[i : i + 2], 16) for i in (1, 3, 5)
            )
            distance = abs(old[0] - new[0])
            assert min(distance, 1 - distance) <= 1 / max(chroma, 1) / 2


@settings(max_examples=60, deadline=None)
@given(colour, colour)
def test_accepting_every_offer_gives_a_readable_theme(first: str, second: str) -> None:
    chosen = {"color_1": first, "color_2": second}
    for check in check_colours(first, second):
        if check.stops and check.suggestion:
            chosen[check.field] = check.suggestion
    assert readable(**chosen)


@settings(max_examples=60, deadline=None)
@given(colour, colour)
def test_a_failing_ratio_never_reads_as_a_passing_one(first: str, second: str) -> None:
    for check in check_colours(first, second):
        shown = float(check.ratio_text.removesuffix(" : 1").replace(",", "."))
        assert shown <= check.ratio
        assert check.passes or shown < check.needed


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("#9b1c2e", "#e2a72e", ["Sangat mudah dibaca", "Sangat mudah dibaca", "Cukup berbeda"]),
        ("#777777", "#777777", ["Sulit dibaca", "Sulit dibaca", "Kurang berbeda"]),
        ("#ffffff", "#000000", ["Sangat mudah dibaca", "Sangat mudah dibaca", "Cukup berbeda"]),
    ],
)
def test_the_word_follows_the_number(first: str, second: str, words: list[str]) -> None:
    assert [check.word for check in check_colours(first, second)] == words


def test_anything_but_a_colour_is_refused() -> None:
    with pytest.raises(ValueError, match="not a colour"):
        check_colours("red;}body{display:none", "#ffffff")
