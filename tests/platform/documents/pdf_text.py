"""Reads the text back out of a PDF that typst wrote: just enough of the format, with nothing from outside."""

import re
import zlib


def _streams(pdf: bytes):
    """Yield each object's number, dictionary and unpacked stream."""
    for match in re.finditer(rb"(\d+) 0 obj\s*(<<.*?>>)\s*stream\r?\n", pdf, re.DOTALL):
        length = int(re.search(rb"/Length (\d+)", match[2])[1])
        data = pdf[match.end() : match.end() + length]
        yield int(match[1]), match[2], zlib.decompress(data) if b"/FlateDecode" in match[2] else data


def _code_map(cmap: bytes) -> dict[int, str]:
    """Glyph code to text, from a ToUnicode map."""

    def text(hexadecimal: bytes) -> str:
        return bytes.fromhex(hexadecimal.decode()).decode("utf-16-be")

    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, target in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = text(target)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, target in re.findall(
            rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block
        ):
            start = text(target)
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = start[:-1] + chr(ord(start[-1]) + step)
    return found


def objects(pdf: bytes) -> dict[int, bytes]:
    """Every object's dictionary by number, those inside object streams too."""
    found = {int(n): body for n, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\s*(.*?)endobj", pdf, re.DOTALL)}
    for _, head, data in _streams(pdf):
        if b"/ObjStm" not in head:
            continue
        first = int(re.search(rb"/First (\d+)", head)[1])
        numbers = list(map(int, data[:first].split()))
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        for (number, start), end in zip(pairs, [p[1] for p in pairs[1:]] + [len(data)], strict=True):
            found[number] = data[first + start : first + end]
    return found


_ESCAPES = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("b"): 8, ord("f"): 12}


def _literal(raw: bytes) -> bytes:
    """Undo the escapes of a literal string."""
    out, i = bytearray(), 0
    while i < len(raw):
        if raw[i] != 0x5C:
            out.append(raw[i])
            i += 1
        elif octal := re.match(rb"[0-7]{1,3}", raw[i + 1 : i + 4]):
            out.append(int(octal[0], 8) & 255)
            i += 1 + len(octal[0])
        else:
            out.append(_ESCAPES.get(raw[i + 1], raw[i + 1]))
            i += 2
    return bytes(out)


# What stands between the brackets of a literal string: escapes, and brackets in pairs (to a fair depth).
_INSIDE = rb"(?:\\.|[^\\()])*"
for _ in range(8):
    _INSIDE = rb"(?:\\.|[^\\()]|\(" + _INSIDE + rb"\))*"

_TOKEN = re.compile(
    rb"/(?P<font>[^\s/]+)\s+[\d.]+\s+Tf"
    rb"|/ActualText\s*(?:<(?P<ahex>[0-9A-Fa-f]*)>|\((?P<alit>" + _INSIDE + rb")\))"
    rb"|(?P<emc>\bEMC\b)|(?P<bdc>\bB(?:DC|MC)\b)"
    rb"|(?<!<)<(?P<hex>[0-9A-Fa-f]*)>(?!>)|\((?P<literal>" + _INSIDE + rb")\)",
    re.DOTALL,
)


def pdf_text(pdf: bytes) -> str:
    """All text in drawing order, ActualText in place of what it covers, white space removed."""
    table = objects(pdf)
    maps = {number: _code_map(data) for number, _, data in _streams(pdf) if b"begincmap" in data}
    drawn = {
        number: data
        for number, head, data in _streams(pdf)
        if re.search(rb"\bBT\b", data) and b"/Type" not in head
    }
    fonts = {number: _fonts(table, maps, number) for number in drawn}
    return "".join("".join(piece for n, data in drawn.items() for piece in _page(data, fonts[n])).split())


def _fonts(table: dict[int, bytes], maps: dict[int, dict[int, str]], stream: int):
    """The fonts by name as a stream's page calls them: the same name is another font on the next page."""
    page = next(b for b in table.values() if re.search(rb"/Contents %d 0 R" % stream, b))
    referred = re.search(rb"/Resources (\d+) 0 R", page)
    resources = table[int(referred[1])] if referred else page
    fonts: dict[bytes, dict[int, str]] = {}
    for names in re.findall(rb"/Font\s*<<(.*?)>>", resources, re.DOTALL):
        for name, number in re.findall(rb"/(\S+)\s+(\d+) 0 R", names):
            mapped = re.search(rb"/ToUnicode (\d+) 0 R", table[int(number)])
            fonts[name] = maps[int(mapped[1])] if mapped else {}
    return fonts


def _page(data: bytes, fonts: dict[bytes, dict[int, str]]):
    current: dict[int, str] = {}
    depth, covered = 0, 0  # covered: the depth of the marked content whose ActualText was given
    pending = None
    for token in _TOKEN.finditer(data):
        if token["font"] is not None:
            current = fonts[token["font"]]
        elif token["ahex"] is not None or token["alit"] is not None:
            raw = (
                bytes.fromhex(token["ahex"].decode())
                if token["ahex"] is not None
                else _literal(token["alit"])
            )
            pending = raw[2:].decode("utf-16-be") if raw[:2] == b"\xfe\xff" else raw.decode("latin-1")
        elif token["bdc"] is not None:
            depth += 1
            if pending is not None and not covered:
                yield pending
                covered = depth
            pending = None
        elif token["emc"] is not None:
            if covered == depth:
                covered = 0
            depth -= 1
        elif not covered and pending is None:
            raw = (
                bytes.fromhex(token["hex"].decode())
                if token["hex"] is not None
                else _literal(token["literal"])
            )
            if len(raw) % 2 == 0:
                codes = (int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2))
                yield "".join(current.get(code, "") for code in codes)
