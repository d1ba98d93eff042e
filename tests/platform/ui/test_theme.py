"""The theme of a colour: contrast in both schemes for every colour, the same bytes each time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sambruk.platform.ui import theme
from sambruk.platform.ui.colour import (
    ColourError,
    contrast,
    hex_of,
    linear_of,
    luminance,
    oklch_of,
    parse_hex,
    tone,
)
from sambruk.platform.ui.theme import shortfalls, theme_for

COLOURS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")
VENDOR = Path(theme.__file__).parent / "static/vendor/designsystemet"


def test_a_theme_is_the_same_every_time_and_named_by_its_hash() -> None:
    first = theme_for("#1F5F8B")
    theme_for.cache_clear()
    again = theme_for("1f5f8b")
    assert first.css == again.css
    assert first.digest == again.digest
    assert re.fullmatch("[0-9a-f]{64}", first.digest)
    assert theme_for("#c8102e").digest != first.digest


@given(COLOURS)
@settings(max_examples=60, deadline=None)
def test_contrast_holds_for_every_colour_in_both_schemes(colour: str) -> None:
    assert shortfalls(theme_for(colour)) == []


@pytest.mark.parametrize(
    "colour", ["#000", "#fff", "#ff0", "#0ff", "#f0f", "#00f", "#0f0", "#f00", "#757575", "#777"]
)
def test_contrast_holds_at_the_corners(colour: str) -> None:
    assert shortfalls(theme_for(colour)) == []


def test_the_brand_bar_keeps_the_colour_exactly() -> None:
    tokens = theme_for("#ffcc00").tokens
    assert tokens["light"]["--ds-color-brand1-base-default"] == "#ffcc00"
    assert tokens["dark"]["--ds-color-brand1-base-default"] == "#ffcc00"


def test_a_colour_that_has_enough_contrast_is_the_button_as_it_is() -> None:
    assert theme_for("#1f5f8b").tokens["light"]["--ds-color-accent-base-default"] == "#1f5f8b"


def test_a_shortfall_is_named() -> None:
    good = theme_for("#1f5f8b")
    broken = {name: dict(tokens) for name, tokens in good.tokens.items()}
    broken["light"]["--ds-color-accent-text-default"] = "#eeeeee"
    broken["dark"]["--ds-color-focus-outer"] = "#000000"
    found = shortfalls(theme.Theme(good.colour, good.css, good.digest, broken))
    assert any("accent: text-default on" in line for line in found)
    assert any("focus-outer" in line for line in found)


def test_every_colour_token_of_designsystemet_is_set_in_both_schemes() -> None:
    vendor = VENDOR / "theme.css"
    assert vendor.exists(), "Bygg först: npm ci --ignore-scripts && node frontend/build.mjs"
    wanted = set(
        re.findall(
            r"(--ds-(?:color-(?:accent|neutral|brand1|brand2|info|success|warning|danger|focus)|link-color)-[a-z-]+):",
            vendor.read_text(),
        )
    )
    assert len(wanted) > 130
    for scheme in ("light", "dark"):
        assert set(theme_for("#1f5f8b").tokens[scheme]) == wanted


def test_print_is_light_whatever_the_screen_is() -> None:
    assert "@media print{:root,[data-color-scheme]{" in theme_for("#1f5f8b").css


@pytest.mark.parametrize("text", ["", "red", "#12", "#12345g", "#1234567", "url(x)"])
def test_what_is_no_colour_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ColourError, match="sex tecken"):
        parse_hex(text)


@given(COLOURS)
@settings(max_examples=100, deadline=None)
def test_oklch_and_back(colour: str) -> None:
    value = oklch_of(colour)
    again = tone(value.hue, value.chroma, luminance(colour))
    assert abs(luminance(again) - luminance(colour)) < 0.01
    assert hex_of(linear_of(colour)) == colour


@given(st.floats(0, 360), st.floats(0, 0.4), st.floats(0, 1))
@settings(max_examples=100, deadline=None)
def test_a_tone_has_the_luminance_that_was_asked_for(hue: float, chroma: float, target: float) -> None:
    assert abs(luminance(tone(hue, chroma, target)) - target) < 0.01


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000", "#fff") == pytest.approx(21)
    assert contrast("#777", "#777") == 1
