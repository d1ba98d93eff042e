"""A municipality's theme, computed from its one colour: Designsystemet's colour tokens in both schemes.

Each token is given by its hue, a wish for chroma, and the relative luminance that WCAG's contrast is
reckoned from, so the same contrasts hold for every colour that a municipality may choose: text at least
4.5 on every surface it stands on, borders and buttons at least 3. ``shortfalls`` measures it on the
finished text of the theme. Type and size tokens come from the package's own theme, loaded before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sambruk.platform.ui.colour import contrast, luminance, oklch_of, parse_hex, tone

DEFAULT_COLOUR = "#1f5f8b"

#: What is shown where the municipality's own colour would mislead: hue, chroma, base luminance.
SIGNALS: Mapping[str, tuple[float, float, float]] = {
    "info": (248.0, 0.15, 0.14),
    "success": (148.0, 0.15, 0.15),
    "warning": (75.0, 0.15, 0.42),
    "danger": (27.0, 0.20, 0.12),
}


@dataclass(frozen=True, slots=True)
class _Scheme:
    """Luminance and highest chroma of each token that does not depend on the base colour."""

    name: str
    tones: Mapping[str, tuple[float, float]]


_LIGHT = _Scheme(
    "light",
    {
        "background-default": (1.0, 0.0),
        "background-tinted": (0.915, 0.014),
        "surface-default": (1.0, 0.0),
        "surface-tinted": (0.835, 0.026),
        "surface-hover": (0.755, 0.038),
        "surface-active": (0.67, 0.05),
        "border-subtle": (0.52, 0.07),
        "border-default": (0.175, 0.12),
        "border-strong": (0.098, 0.14),
        "text-subtle": (0.098, 0.14),
        "text-default": (0.026, 0.08),
    },
)
_DARK = _Scheme(
    "dark",
    {
        "background-default": (0.0095, 0.02),
        "background-tinted": (0.0145, 0.026),
        "surface-default": (0.0205, 0.03),
        "surface-tinted": (0.027, 0.036),
        "surface-hover": (0.036, 0.042),
        "surface-active": (0.048, 0.052),
        "border-subtle": (0.075, 0.06),
        "border-default": (0.255, 0.08),
        "border-strong": (0.415, 0.09),
        "text-subtle": (0.415, 0.09),
        "text-default": (0.84, 0.03),
    },
)
SCHEMES = (_LIGHT, _DARK)
SURFACES = (
    "background-default",
    "background-tinted",
    "surface-default",
    "surface-tinted",
    "surface-hover",
    "surface-active",
)


@dataclass(frozen=True, slots=True)
class Theme:
    """A finished theme: the colour it was made of, its CSS, and the SHA-256 of the CSS in hexadecimal."""

    colour: str
    css: str
    digest: str
    tokens: Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=512)
def theme_for(colour: str) -> Theme:
    """Compute the theme of a colour (``#rgb`` or ``#rrggbb``). The same colour gives the same bytes.

    Raises ColourError, with a Swedish sentence, for what is no colour.
    """
    colour = parse_hex(colour)
    tokens = {scheme.name: dict(_tokens(colour, scheme)) for scheme in SCHEMES}
    css = _css(colour, tokens)
    return Theme(colour, css, hashlib.sha256(css.encode()).hexdigest(), tokens)


def _tokens(colour: str, scheme: _Scheme) -> Iterator[tuple[str, str]]:
    own = oklch_of(colour)
    light = scheme is _LIGHT
    yield from _scale("accent", own.hue, own.chroma, _accent_base(luminance(colour), light=light), scheme)
    yield from _scale("neutral", own.hue, min(own.chroma, 0.008), 0.02 if light else 0.42, scheme)
    yield from _scale("brand1", own.hue, own.chroma, luminance(colour), scheme, exact=colour)
    second = (own.hue + 150) % 360
    yield from _scale("brand2", second, min(own.chroma, 0.09), 0.12 if light else 0.36, scheme)
    for name, (hue, chroma, base) in SIGNALS.items():
        yield from _scale(name, hue, chroma, base if light else max(base, 0.30), scheme)
    yield "--ds-color-focus-inner", tone(own.hue, 0.0, 1.0 if light else 0.0095)
    yield "--ds-color-focus-outer", tone(own.hue, 0.012, 0.02 if light else 0.86)
    yield "--ds-link-color-visited", tone(305.0, 0.16, 0.09 if light else 0.42)


def _accent_base(own: float, *, light: bool) -> float:
    """The luminance of buttons: the municipality's own, moved no further than contrast asks.

    Light: at most 0.172, so that white text has 4.7 and the button 3 against every page surface.
    Dark: at least 0.25, so that black text has 6 and the button 3 against the dark surfaces.
    """
    return min(own, 0.172) if light else min(max(own, 0.25), 0.65)


def _scale(
    name: str, hue: float, chroma: float, base: float, scheme: _Scheme, *, exact: str = ""
) -> Iterator[tuple[str, str]]:
    """The sixteen tokens of one colour in one scheme; ``exact`` keeps the base as it was given."""
    for token, (target, most) in scheme.tones.items():
        yield f"--ds-color-{name}-{token}", tone(hue, min(chroma, most), target)
    dark_text = base > 0.18
    if dark_text:
        hover, active = _lifted(base, 0.09), _lifted(base, 0.18)
    else:
        hover, active = (base + 0.025, base + 0.05) if base < 0.03 else (base * 0.68, base * 0.42)
    yield f"--ds-color-{name}-base-default", exact or tone(hue, chroma, base)
    yield f"--ds-color-{name}-base-hover", tone(hue, chroma, hover)
    yield f"--ds-color-{name}-base-active", tone(hue, chroma, active)
    subtle = 4.8 * (max(base, hover, active) + 0.05) - 0.05
    yield (
        f"--ds-color-{name}-base-contrast-subtle",
        tone(
            hue,
            0.02,
            max((min(base, hover, active) + 0.05) / 4.8 - 0.05, 0.0) if dark_text else min(subtle, 1),
        ),
    )
    yield f"--ds-color-{name}-base-contrast-default", "#000000" if dark_text else "#ffffff"


def _lifted(base: float, step: float) -> float:
    """Lighter by a step; a base that is near white goes darker instead, and keeps its black text."""
    return base + step if base + step <= 0.92 else base - step


def _declarations(tokens: Mapping[str, str], scheme: str) -> str:
    lines = "".join(f"{name}:{value};" for name, value in tokens.items())
    return f"{lines}color-scheme:{scheme};"


def _css(colour: str, tokens: Mapping[str, Mapping[str, str]]) -> str:
    light = _declarations(tokens["light"], "light")
    dark = _declarations(tokens["dark"], "dark")
    return (
        f"/* Computed from {colour}. */\n"
        "@layer ds.theme.color-scheme.light{"
        f':root,[data-color-scheme="light"]{{{light}}}\n'
        f'@media (prefers-color-scheme:light){{[data-color-scheme="auto"]{{{light}}}}}}}\n'
        "@layer ds.theme.color-scheme.dark{"
        f'@media screen{{[data-color-scheme="dark"]{{{dark}}}}}\n'
        f'@media screen and (prefers-color-scheme:dark){{[data-color-scheme="auto"]{{{dark}}}}}\n'
        f"@media print{{:root,[data-color-scheme]{{{light}}}}}}}\n"
    )


def shortfalls(theme: Theme) -> list[str]:
    """Measure the contrasts that the theme promises, and name each that falls short. Empty is right."""
    found = []
    for scheme, tokens in theme.tokens.items():
        for name in ("accent", "neutral", "brand2", *SIGNALS):
            pairs = [("text-default", surface, 4.5) for surface in SURFACES]
            pairs += [("text-subtle", surface, 4.5) for surface in SURFACES]
            pairs += [
                (border, surface, 3.0)
                for border in ("border-default", "border-strong")
                for surface in SURFACES
            ]
            pairs += [
                (text, base, 4.5)
                for text in ("base-contrast-default", "base-contrast-subtle")
                for base in ("base-default", "base-hover", "base-active")
            ]
            if name == "accent":
                pairs += [("base-default", surface, 3.0) for surface in SURFACES[:4]]
            for one, other, least in pairs:
                ratio = contrast(tokens[f"--ds-color-{name}-{one}"], tokens[f"--ds-color-{name}-{other}"])
                if ratio < least:
                    found.append(f"{scheme} {name}: {one} on {other} {ratio:.2f} < {least}")
        found += _cross_shortfalls(scheme, tokens)
    return found


def _cross_shortfalls(scheme: str, tokens: Mapping[str, str]) -> list[str]:
    """Contrasts between scales: neutral text on the accent's surfaces, visited links, focus, the brand."""
    pairs = [
        (f"--ds-color-neutral-{text}", f"--ds-color-{name}-{surface}", 4.5)
        for name in ("accent", *SIGNALS)
        for text in ("text-default", "text-subtle")
        for surface in SURFACES
    ]
    pairs += [("--ds-link-color-visited", f"--ds-color-neutral-{surface}", 4.5) for surface in SURFACES[:4]]
    pairs += [("--ds-color-focus-outer", f"--ds-color-neutral-{surface}", 3.0) for surface in SURFACES]
    pairs += [("--ds-color-brand1-base-contrast-default", "--ds-color-brand1-base-default", 4.5)]
    return [
        f"{scheme}: {one} on {other} {ratio:.2f} < {least}"
        for one, other, least in pairs
        if (ratio := contrast(tokens[one], tokens[other])) < least
    ]
