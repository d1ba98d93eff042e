from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.platform.documents.pdf_text import pdf_text

from sambruk.common.text import clean
from sambruk.platform.documents.letters import Letter, LetterError, LetterHead, Table, placeholders

HEAD = LetterHead(
    "Beslut", "Järfälla kommun", date(2026, 11, 24), ("Socialnämnden",), ("Åsa Ek",), "EB 2026-00012"
)
HOSTILE = [
    '#read("/etc/passwd")',
    '#eval("1+1")',
    '#import "@preview/x:1.0.0"',
    "{{x}} {% y %} {namn}",
    "<script>alert(1)</script>",
    "&lt; &amp; \" onload='x'",
    "*fet* _kursiv_ `kod` $x^2$ <label> @ref",
    "= Rubrik\n- punkt\n+ tal\n/ term: x",
    "# Rubrik\n\n- punkt\n\n| a | b |",
    "\\u{41} \\ ~ -- --- ... 'x' \"y\"",
    "// kommentar /* block */ https://example.se",
    "slut]) #panic()",
]


class _Text(HTMLParser):
    """The text of a page and the tags and attributes that it has."""

    def __init__(self):
        super().__init__()
        self.text, self.tags, self.attributes = "", set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def read(html: str) -> _Text:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return parser


def squeezed(text: str) -> str:
    return "".join(text.split())


def letter(template: str, **values) -> Letter:
    return Letter.compose(template, values, HEAD)


def test_a_whole_letter():
    made = letter(
        "# Beslut\n\nHej {namn}! Du får **{belopp}** den {dag}.\n\n{berakning}\n\n## Överklaga\n\n"
        "1. Skriv.\n2. Skicka inom **tre veckor**.\n\n- ett\n- {antal}\n\n"
        "| Vad | När |\n|---|---|\n| Hyra | {dag} |\n",
        namn="Åsa",
        belopp=Decimal("5400.50"),
        dag=date(2026, 11, 27),
        antal=3,
        berakning=Table(["Post", "Belopp"], [["Norm", "4 000 kr"]], ["Summa", "4 000 kr"], "Beräkning"),
    )
    html = made.html()
    for part in (
        '<article class="letter" lang="sv">',
        '<time datetime="2026-11-24">24 november 2026</time>',
        "Ärende EB 2026-00012",
        "<h2>Beslut</h2>",
        "<p>Hej Åsa! Du får <strong>5\u00a0400,50\u00a0kr</strong> den 27 november 2026.</p>",
        '<caption>Beräkning</caption><thead><tr><th scope="col">Post</th>',
        '<tfoot><tr><th scope="row">Summa</th><td>4 000 kr</td></tr></tfoot>',
        "<h3>Överklaga</h3>",
        "<ol><li>Skriv.</li><li>Skicka inom <strong>tre veckor</strong>.</li></ol>",
        "<ul><li>ett</li><li>3</li></ul>",
        '<table class="letter-table"><thead><tr><th scope="col">Vad</th>',
    ):
        assert part in html
    text = pdf_text(made.pdf())
    for part in (
        "Järfällakommun",
        "Socialnämnden",
        "ÅsaEk",
        "ÄrendeEB2026-00012",
        "Beräkning",
        "Summa4000kr",
    ):
        assert part in text
    assert "HejÅsa!Dufår5400,50krden27november2026." in text


def test_the_pdf_is_tagged_archivable_and_the_same_each_time():
    made = letter("# Rubrik\n\nText")
    pdf = made.pdf()
    assert pdf.startswith(b"%PDF-1.7")
    assert pdf == made.pdf()
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Lang(sv)" in pdf
    assert b"Beslut" in pdf


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "template", ["Före {x} efter", "{x}", "# {x}", "- {x}", "**{x}**", "| a |\n|---|\n| {x} |"]
)
def test_what_people_type_is_text(text, template):
    made = letter(template, x=text)
    page = read(made.html())
    assert squeezed(text) in squeezed(page.text)
    allowed = {
        "article",
        "header",
        "p",
        "strong",
        "br",
        "time",
        "h2",
        "ul",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
    }
    assert page.tags <= allowed | {"th", "td"}
    assert page.attributes <= {"class", "lang", "datetime", "scope"}
    assert squeezed(text) in pdf_text(made.pdf())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_head_and_table_are_text(text):
    line = " ".join(text.split())
    head = LetterHead(line, line, date(2026, 1, 1), (line,), (line,), line)
    made = Letter.compose("{t}", {"t": Table([line, "b"], [[line, line]], [line, line], line)}, head)
    assert squeezed(read(made.html()).text).count(squeezed(text)) == 10
    assert pdf_text(made.pdf()).count(squeezed(text)) == 10


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), max_size=60))
@example("ff fi fl ffi Th 1/2 -> =>")
def test_any_latin_text_comes_back(text):
    made = letter("a{x}b", x=text)
    expected = squeezed("a" + clean(text) + "b").replace("\u00ad", "")
    assert squeezed(read(made.html()).text).replace("\u00ad", "").find(expected) >= 0
    assert expected in pdf_text(made.pdf()).replace("\u00ad", "")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=25))
@example("漢字 👩\u200d👧 \ue000 \uffff ﷽ e\u0301\u0327\u0330")
def test_any_text_at_all_gives_a_page_and_a_pdf(text):
    made = letter("a{x}b", x=text)
    assert squeezed(clean(text)) in squeezed(read(made.html()).text)
    assert made.pdf().startswith(b"%PDF-")


def test_what_no_font_has_is_written_as_its_code():
    assert "HejÅsa[U+1F469],[U+6F22]!" in pdf_text(letter("Hej {x}!", x="Åsa 👩, 漢").pdf())


def test_a_paragraph_alone_may_be_several_or_none():
    assert "<p>Ett<br>rad</p><p>Två</p>" in letter("{x}", x="Ett\nrad\n\n\nTvå").html()
    assert letter("{x}", x=" \n\n ").blocks == ()


def test_a_missing_value_is_named():
    with pytest.raises(LetterError, match=r"\{person\.namn\}") as caught:
        letter("Hej {person.namn}", namn="x")
    assert "person.namn" in caught.value.field_errors
    with pytest.raises(LetterError, match=r"behöver ett värde för \{x\}"):
        letter("Hej {x}", x=None)


def test_a_value_is_never_read_as_a_template():
    assert "{namn}" in letter("{x}", x="{namn}", namn="hemligt").html()


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("ett\n\n*kursiv*", "Rad 3 .*kursiv"),
        ("[länk](http://x)", "Rad 1 .*länkar"),
        ("![bild](x.png)", "bilder"),
        ("`kod`", "bara rubriker"),
        ("> citat", "bara rubriker"),
        ("a\n\n---\n\nb", "Rad 3"),
        ("a\n\n    kod", "bara rubriker"),
        ("Hej {Namn}", "klammer"),
        ("Hej {namn", "klammer"),
        ("Hej {{namn}}", "klammer"),
    ],
)
def test_what_a_template_may_not_hold(template, part):
    with pytest.raises(LetterError, match=part):
        letter(template, namn="x")
    with pytest.raises(LetterError, match=part):
        placeholders(template)


def test_html_in_a_template_is_text():
    assert "&lt;b&gt;x&lt;/b&gt;" in letter("<b>x</b>").html()


def test_placeholders():
    assert placeholders("# {a}\n\n- {b.c}\n\n**{d}** | {a}") == {"a", "b.c", "d"}


def test_values_and_tables_that_do_not_fit():
    with pytest.raises(LetterError, match="ensam"):
        letter("Se {x} här", x=Table(["a"], []))
    with pytest.raises(LetterError, match="går inte att skriva"):
        letter("{x} a", x=True)
    with pytest.raises(LetterError, match="går inte att skriva"):
        letter("{x} a", x=1.5)
    with pytest.raises(LetterError, match="lika många celler"):
        Table(["a", "b"], [["1"]])
    with pytest.raises(LetterError, match="titel"):
        Letter.compose("a", {}, LetterHead(" ", "x", date(2026, 1, 1)))
    with pytest.raises(ValueError):
        letter("a").html(first_level=5)


def test_empty_tables_and_letters_render():
    assert letter("{x}", x=Table(["a", "b"], [])).pdf()
    assert letter("").pdf()
