"""Colour arithmetic: sRGB, Oklch and the contrast of WCAG 2.2. Pure functions, no rounding surprises.

Oklab is Björn Ottosson's (2020), as CSS Color 4 section 9 gives it; relative luminance and contrast are
WCAG 2.2's own definitions.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from sambruk.common.errors import Invalid

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

Linear = tuple[float, float, float]


class ColourError(Invalid):
    """A text that is no colour; the sentence says what to write instead."""

    code = "colour"


@dataclass(frozen=True, slots=True)
class Oklch:
    """A colour as people see it: lightness 0-1, chroma 0-0.4, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


def parse_hex(text: str) -> str:
    """Return ``#rrggbb`` in lower case for ``#RGB``, ``RRGGBB`` and so on. Raises ColourError."""
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise ColourError(str(_("Skriv färgen som sex tecken efter #, till exempel #1f5f8b.")))
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _to_gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def linear_of(colour: str) -> Linear:
    """Return a hexadecimal colour as linear-light red, green and blue, each 0-1."""
    digits = parse_hex(colour)[1:]
    red, green, blue = (_to_linear(int(digits[index : index + 2], 16) / 255) for index in (0, 2, 4))
    return red, green, blue


def hex_of(linear: Linear) -> str:
    """Return linear-light channels as ``#rrggbb``; what lies outside the gamut is clipped."""
    return "#" + "".join(f"{round(_to_gamma(min(max(channel, 0.0), 1.0)) * 255):02x}" for channel in linear)


def luminance(colour: str) -> float:
    """Return WCAG's relative luminance of a hexadecimal colour, 0 (black) to 1 (white)."""
    return _luminance(linear_of(colour))


def _luminance(linear: Linear) -> float:
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast ratio of two colours, 1 to 21, whichever is lighter."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def oklch_of(colour: str) -> Oklch:
    """Return a hexadecimal colour in Oklch; hue is 0 where there is no chroma."""
    red, green, blue = linear_of(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    chroma = math.hypot(a, b)
    hue = math.degrees(math.atan2(b, a)) % 360 if chroma > 1e-4 else 0.0
    return Oklch(lightness, chroma, hue)


def _linear_from(colour: Oklch) -> Linear:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(linear: Linear) -> bool:
    return all(-1e-6 <= channel <= 1 + 1e-6 for channel in linear)


def tone(hue: float, chroma: float, target: float) -> str:
    """Return the colour of this hue whose relative luminance is ``target``, as ``#rrggbb``.

    ``chroma`` is what is wished; it is lowered until the colour exists in sRGB, so the luminance (and
    with it every contrast) holds for every hue. Rounding to 8 bits moves luminance by at most some 0.005.
    """
    if target <= 0:
        return "#000000"
    if target >= 1:
        return "#ffffff"
    low, high = 0.0, chroma
    best = _at_luminance(hue, chroma, target)
    if not _in_gamut(best):
        for _step in range(24):
            middle = (low + high) / 2
            if _in_gamut(_at_luminance(hue, middle, target)):
                low = middle
            else:
                high = middle
        best = _at_luminance(hue, low, target)
    return hex_of(best)


def _at_luminance(hue: float, chroma: float, target: float) -> Linear:
    """Luminance rises with lightness when hue and chroma stand still: halve the interval."""
    low, high = 0.0, 1.2
    for _step in range(40):
        middle = (low + high) / 2
        if _luminance(_linear_from(Oklch(middle, chroma, hue))) < target:
            low = middle
        else:
            high = middle
    return _linear_from(Oklch(high, chroma, hue))
