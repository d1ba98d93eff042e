"""A small browser for the check: real HTTP, one person's cookies, links and forms as the pages have them.

No script runs in it, so whatever it can do, a person without JavaScript can.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import httpx
import lxml.html

from sambruk.operations.ports import LOOPBACK

#: A file to upload: name, bytes, media type.
Upload = tuple[str, bytes, str]


_INLINE = frozenset(
    ("a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "time")
)


class PageFault(Exception):  # noqa: N818 - reads as what happened
    """The page is not as it should be: what was looked for, and what there was, in Swedish."""


class _Loopback(httpx.HTTPTransport):
    """Connects to 127.0.0.1 for every ``*.localhost``, which Python does not resolve; Host stays."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host == "localhost" or host.endswith(".localhost"):
            request = httpx.Request(
                request.method,
                request.url.copy_with(host=LOOPBACK),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        elif host != LOOPBACK:
            raise PageFault(f"Sidan leder bort från den här datorn, till {host}.")
        return super().handle_request(request)


@dataclass(slots=True)
class Form:
    """A form of a page, with what it holds. ``fill`` and ``submit`` are the browser's."""

    action: str
    method: str
    multipart: bool
    values: dict[str, list[str]]
    names: set[str]
    buttons: dict[str, tuple[str, str]]
    uploads: dict[str, list[Upload]] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """What came back: status, address, and the document."""

    status: int
    url: str
    headers: httpx.Headers
    content: bytes
    document: Any

    @property
    def text(self) -> str:
        """The visible words, spaces made single."""
        return " ".join("".join(_words(self.document)).split()) if self.document is not None else ""

    def has(self, *words: str) -> None:
        """Raise PageFault unless each of the texts stands on the page."""
        text = self.text
        for word in words:
            if word not in text:
                raise PageFault(f"Sidan {self.url} saknar texten ”{word}”. Där står: {text[:300]}")

    def link(self, text: str) -> str:
        """Return the address of the first link whose text contains ``text``."""
        for anchor in self.document.iter("a") if self.document is not None else ():
            if text in " ".join(anchor.text_content().split()) and anchor.get("href"):
                return urljoin(self.url, str(anchor.get("href")))
        raise PageFault(f"Sidan {self.url} saknar länken ”{text}”. Där står: {self.text[:300]}")

    def form(self, *, action: str = "", button: str = "", field: str = "") -> Form:
        """Return the first form with such an action, a button that has the text, and the field."""
        for element in self.document.forms if self.document is not None else ():
            form = _read_form(element, self.url)
            named = any(button in text for text in form.buttons) if button else True
            if action in form.action and named and (not field or field in form.names):
                return form
        looked_for = {"mål": action, "knapp": button, "fält": field}
        wanted = " ".join(f"{name}={value}" for name, value in looked_for.items() if value)
        raise PageFault(f"Sidan {self.url} saknar formuläret ({wanted}). Där står: {self.text[:300]}")


class Browser:
    """One person's browser. Pages are followed through redirects, across the identity provider and back."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.page: Page | None = None
        self._client = httpx.Client(
            transport=_Loopback(),
            follow_redirects=True,
            timeout=30,
            trust_env=False,
            headers={"Accept-Language": "sv"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def open(self, path: str, *, status: int = 200) -> Page:
        """Get a page of this origin, or any address. Raises PageFault where the status is another."""
        return self._arrived(self._client.get(urljoin(self.origin, path)), status)

    def follow(self, text: str, *, status: int = 200) -> Page:
        """Follow the current page's link with the text."""
        return self.open(self.current.link(text), status=status)

    def press(
        self,
        button: str,
        values: Mapping[str, str | bool | list[str]] | None = None,
        *,
        action: str = "",
        uploads: Mapping[str, Upload] | None = None,
        status: int = 200,
    ) -> Page:
        """Fill the form that has the button, and press it."""
        form = self.current.form(button=button, action=action)
        fill(form, values or {})
        for name, upload in (uploads or {}).items():
            if name not in form.names:
                raise PageFault(f"Formuläret på {self.current.url} saknar filfältet {name}.")
            form.uploads[name] = [upload]
        return self.submit(form, button=button, status=status)

    def submit(self, form: Form, *, button: str = "", status: int = 200) -> Page:
        """Send a form, with the name and value of the button that has the text."""
        data = {name: list(values) for name, values in form.values.items()}
        for text, (name, value) in form.buttons.items():
            if button and button in text and name:
                data[name] = [value]
                break
        headers = {"Referer": self.current.url}
        if form.method == "get":
            return self._arrived(self._client.get(form.action, params=_flat(data), headers=headers), status)
        if form.multipart:
            files = [(name, upload) for name, uploads in form.uploads.items() for upload in uploads]
            # An empty file field is sent as browsers do, so that the encoding is multipart in any case.
            files += [("", ("", b"", "application/octet-stream"))] if not files else []
            return self._arrived(
                self._client.post(form.action, data=data, files=files, headers=headers), status
            )
        return self._arrived(self._client.post(form.action, data=data, headers=headers), status)

    def get_json(self, path: str) -> Any:
        """Get JSON from this origin, leaving the current page as it is."""
        return self._client.get(urljoin(self.origin, path)).json()

    def download(self, path: str) -> httpx.Response:
        """Get a file from this origin. Raises PageFault unless the answer is 200."""
        response = self._client.get(urljoin(self.current.url, path))
        if response.status_code != httpx.codes.OK:
            raise PageFault(f"Filen {response.url} svarade {response.status_code}.")
        return response

    @property
    def current(self) -> Page:
        """The page that is open."""
        if self.page is None:
            raise PageFault("Ingen sida är öppen.")
        return self.page

    def _arrived(self, response: httpx.Response, status: int) -> Page:
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        document = _parse(response) if is_html and response.content else None
        self.page = Page(
            response.status_code, str(response.url), response.headers, response.content, document
        )
        if response.status_code != status:
            raise PageFault(
                f"{self.page.url} svarade {response.status_code}, inte {status}: {self.page.text[:300]}"
            )
        return self.page


def _parse(response: httpx.Response) -> Any:
    parser = lxml.html.HTMLParser(encoding=response.encoding or "utf-8")
    return lxml.html.document_fromstring(response.content, parser=parser)


def _words(element: Any) -> Iterator[str]:
    """Yield the visible texts of an element, with a space where a browser begins a new line or box."""
    if not isinstance(element.tag, str) or element.tag in ("script", "style", "template", "head"):
        return
    apart = "" if element.tag in _INLINE else " "
    yield apart
    yield element.text or ""
    for child in element:
        yield from _words(child)
        yield child.tail or ""
    yield apart


def fill(form: Form, values: Mapping[str, str | bool | list[str]]) -> None:
    """Put values in a form's fields: a text, a list of chosen values, or True and False for a check box.

    Raises PageFault for a field that the form does not have.
    """
    for name, value in values.items():
        if name not in form.names:
            raise PageFault(f"Formuläret saknar fältet {name}. Det har {', '.join(sorted(form.names))}.")
        if isinstance(value, bool):
            form.values[name] = ["on"] if value else []
        else:
            form.values[name] = [value] if isinstance(value, str) else list(value)


def _flat(data: Mapping[str, list[str]]) -> list[tuple[str, str | int | float | bool | None]]:
    return [(name, value) for name, values in data.items() for value in values]


def _read_form(element: Any, url: str) -> Form:
    names: set[str] = set()
    values: dict[str, list[str]] = {}
    for control in element.iter("input", "select", "textarea"):
        name = control.get("name")
        kind = control.get("type", "text") if control.tag == "input" else control.tag
        if not name or control.get("disabled") is not None or kind in ("submit", "image", "button", "reset"):
            continue
        names.add(name)
        if kind == "file":
            continue
        if kind in ("checkbox", "radio"):
            if control.get("checked") is not None:
                values.setdefault(name, []).append(control.get("value", "on"))
        elif kind == "select":
            options = list(control.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            values.setdefault(name, []).extend(option.get("value", option.text) for option in chosen)
        else:
            typed = control.text if kind == "textarea" else control.get("value")
            values.setdefault(name, []).append(typed or "")
    return Form(
        action=urljoin(url, element.get("action") or url),
        method=(element.get("method") or "get").lower(),
        multipart=element.get("enctype") == "multipart/form-data",
        values=values,
        names=names,
        buttons=_buttons(element),
    )


def _buttons(element: Any) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for button in element.iter("button", "input"):
        if button.tag == "input" and button.get("type") not in ("submit", "image"):
            continue
        if button.get("type") in ("button", "reset"):
            continue
        text = button.get("value", "") if button.tag == "input" else " ".join(button.text_content().split())
        found.setdefault(
            text or button.get("aria-label", ""), (button.get("name", ""), button.get("value", ""))
        )
    return found
