"""Texts: placeholders that exist, translations that are there, and sentences that residents can read."""

from __future__ import annotations

import re

from sambruk.common.text import lix
from sambruk.platform.definitions import placeholders
from sambruk.platform.definitions.language import Mark
from sambruk.platform.definitions.lint.index import Index, texts
from sambruk.platform.definitions.yaml_file import Path

#: Over this, a text is as hard as official reports. Short texts have no meaningful index.
MAX_LIX = 45
MIN_WORDS = 25
#: Texts that only staff read.
_STAFF = ("tasks", "flags", "handlers", "parameters", "messages")


def lint_wording(index: Index) -> None:
    """Check every text of the service and its letters."""
    found = list(texts(index.loaded.definition))
    languages = {language for _, text in found for language in text}
    for path, text in found:
        for language in sorted(languages - set(text)):
            index.add(
                path, "text.translation", f"Texten saknas på {language}.", "Översätt den.", warning=True
            )
        if path[0] not in _STAFF:
            _readable(index, text["sv"], "service.yaml", index.loaded.source.line(path))
        _placeholders(index, path, text)
    _letters(index)
    _laws(index)


def _readable(index: Index, text: str, file: str, line: int) -> None:
    plain = re.sub(r"[#*{}_]", " ", text)
    if len(plain.split()) >= MIN_WORDS and (value := lix(plain)) > MAX_LIX:
        index.add(
            (),
            "text.lix",
            f"Texten har läsbarhetsindex {value}.",
            f"Korta meningarna och byt långa ord (högst {MAX_LIX}).",
            warning=True,
            file=file,
            line=line,
        )


def _allowed(index: Index, path: Path) -> frozenset[str] | None:
    """Return the placeholders that a text may have, or None where a text has none."""
    if path[:2] == ("case", "title"):
        shown = {
            key
            for key, one in index.fields.items()
            if key not in index.group_of and str(getattr(one, "sensitivity", "")) != "sensitive"
        }
        return frozenset(shown)
    if path[0] == "phrases" and path[-1] == "text":
        return placeholders.CASE_NAMES - {"phrases"}
    if path[:2] == ("archive", "title"):
        return frozenset({"case_number", "service", "month"})
    return None


def _placeholders(index: Index, path: Path, text: dict[str, str]) -> None:
    allowed = _allowed(index, path)
    for words in text.values():
        if placeholders.stray_brace(words):
            index.add(
                path, "text.brace", "Texten har en klammer som inte hör till någon uppgift.", "Ta bort den."
            )
        for name in placeholders.names_in(words):
            if allowed is None or name not in allowed:
                listed = ", ".join(sorted(allowed or ())) or "inga"
                index.add(
                    path, "text.placeholder", f"{{{name}}} kan inte fyllas i här.", f"Här går: {listed}."
                )


def _letters(index: Index) -> None:
    service = index.loaded.service
    used = {decision.letter for decision in service.decisions.values()}
    for key, letter in service.letters.items():
        path: Path = ("letters", key)
        content = index.loaded.files.get(letter.file)
        if content is None:
            index.add((*path, "file"), "file.missing", f"Filen {letter.file} saknas.", "Lägg till den.")
            continue
        if key not in used:
            index.add(
                path, "letter.unused", f"Inget beslut använder brevet {key}.", "Ta bort det.", warning=True
            )
        _letter(index, letter.file, content, frozenset(letter.variables))


def _letter(index: Index, file: str, content: bytes, variables: frozenset[str]) -> None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        index.add(
            (), "file.encoding", "Filen är inte skriven i UTF-8.", "Spara den som UTF-8.", file=file, line=1
        )
        return
    known = placeholders.CASE_NAMES | variables
    for number, line in enumerate(text.splitlines(), start=1):
        for name in placeholders.names_in(line):
            if name not in known:
                index.add(
                    (),
                    "text.placeholder",
                    f"{{{name}}} kan inte fyllas i.",
                    f"Här går: {', '.join(sorted(known))}.",
                    file=file,
                    line=number,
                )
        if placeholders.stray_brace(line):
            index.add(
                (),
                "text.brace",
                "Raden har en klammer som inte hör till någon uppgift.",
                "Ta bort den.",
                file=file,
                line=number,
            )
    for name in variables - set(placeholders.names_in(text)):
        index.add(
            (),
            "letter.variable",
            f"{name} används inte i brevet.",
            "Ta bort den ur variables.",
            file=file,
            line=1,
            warning=True,
        )
    _readable(index, text, file, 1)


def _laws(index: Index) -> None:
    for position, citation in enumerate(index.loaded.service.legal_basis):
        path: Path = ("legal_basis", position)
        if citation.mark is Mark.UNVERIFIED:
            index.add(
                path,
                "law.unverified",
                f"{citation.act} {citation.section} är inte läst vid källan.",
                "Läs lagtexten och skriv mark: verified.",
                warning=True,
            )
        if citation.valid_to is not None and citation.valid_to < citation.valid_from:
            index.add(path, "law.dates", "Lagrummet slutar gälla innan det börjar.", "Rätta from och to.")
