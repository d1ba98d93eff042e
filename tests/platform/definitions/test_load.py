"""Reading a service's folder: exact lines, nothing clever, nothing hostile, one canonical form."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.support.definitions import definition, drawing, loaded

from sambruk.platform.definitions.canonical import canonical_form, definition_hash
from sambruk.platform.definitions.findings import DefinitionError
from sambruk.platform.definitions.load import from_json, load_files, load_folder
from sambruk.platform.definitions.schema import schema_text
from sambruk.platform.definitions.yaml_file import MAX_BYTES, read_yaml

ROOT = Path(__file__).parents[3]
SERVICES = ROOT / "services"
#: Versions that a newer one has taken the place of: installations have them for as long as cases run on them.
EARLIER = SERVICES / "earlier"

#: Hashes of published versions. A published version is never changed: raise the version instead.
GOLDEN: dict[tuple[str, str], str] = {
    ("felanmalan", "1.0.0"): "4ada0758030eb13e1d4667a675b114d2a6c83dfb6101c40612f1c94167e5eb11",
    ("felanmalan", "1.1.0"): "a529e60337a53e9feea5ee402a9ae7209f2b4beceb223f07ad2257b74923b237",
    (
        "ekonomiskt-bistand-ateransokan",
        "1.0.0",
    ): "8ce21e2c3b5b1a04c3e8d62513e09cdb9fca7aac8c0f34ee584e3222def087eb",
    (
        "ekonomiskt-bistand-ateransokan",
        "1.1.0",
    ): "7270fab8d56d92598a3bbbb64bd0b332905a508822160bd936283f7570b57af4",
}


@pytest.mark.parametrize(("service", "version"), GOLDEN)
def test_published_versions_keep_their_hash(service: str, version: str) -> None:
    earlier = EARLIER / service / version
    found = load_folder(earlier if earlier.is_dir() else SERVICES / service)
    assert found.service.version == version
    assert found.content_hash == GOLDEN[service, version]


def test_every_service_has_a_golden_hash() -> None:
    folders = {path.parent.name for path in SERVICES.glob("*/service.yaml")}
    assert folders == {service for service, _ in GOLDEN}


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: &x 1\nb: *x", "yaml.alias", 1),
        ("a: 1\nb: *x", "yaml.alias", 2),
        ("a: 1\nb: 2\na: 3", "yaml.duplicate", 3),
        ("a:\n  b: {c: 1, c: 2}", "yaml.duplicate", 2),
        ("a: 1.5", "yaml.number", 1),
        ("a: 0x1F", "yaml.number", 1),
        ("a: 1_000", "yaml.number", 1),
        ("a: .inf", "yaml.number", 1),
        ("a: !!python/object/apply:os.system [ls]", "yaml.tag", 1),
        ("a: !mine 1", "yaml.tag", 1),
        ("a: !!binary aGVq", "yaml.tag", 1),
        ("---\na: 1\n---\nb: 2", "yaml.document", 1),
        ("", "yaml.document", 1),
        ("a: 1\nb: [", "yaml.syntax", 2),
        ("a: 1\n\tb: 2", "yaml.syntax", 2),
        ("<<: {a: 1}", "yaml.key", 1),
        ("? [a]\n: 1", "yaml.key", 1),
        ("[" * 40 + "]" * 40, "yaml.size", 1),
        ("[" * 5000 + "]" * 5000, "yaml.size", 1),
    ],
)
def test_yaml_that_is_not_plain_is_refused_with_its_line(text: str, rule: str, line: int) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_yaml(text.encode(), "service.yaml")
    finding = caught.value.findings[0]
    assert (finding.rule, finding.line) == (rule, line)
    assert finding.message and finding.instead


def test_other_encodings_and_large_files_are_refused() -> None:
    with pytest.raises(DefinitionError, match="UTF-8"):
        read_yaml("a: å".encode("latin-1"), "service.yaml")
    with pytest.raises(DefinitionError, match="större än"):
        read_yaml(b"a" * (MAX_BYTES + 1), "service.yaml")


def test_words_are_words_in_yaml_1_2() -> None:
    assert read_yaml(b"a: no\nb: on\nc: 2026-01-31\nd: 12:30\ne: true", "x").value == {
        "a": "no",
        "b": "on",
        "c": "2026-01-31",
        "d": "12:30",
        "e": True,
    }


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
_VALUES = st.recursive(
    st.one_of(_WORDS, st.integers(-(10**15), 10**15), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(_WORDS, _VALUES, max_size=4))
def test_what_is_written_is_what_is_read(value: dict[str, Any]) -> None:
    import io

    buffer = io.BytesIO()
    yaml = YAML()
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.dump(value, buffer)
    if value:
        assert read_yaml(buffer.getvalue(), "x").value == value


def test_a_fault_in_the_schema_has_its_line_and_what_to_write() -> None:
    text = (SERVICES / "felanmalan" / "service.yaml").read_text("utf-8")
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines, 1) if "type: place" in line)
    files = {
        "service.yaml": text.replace("type: place", "type: plats").encode(),
        "process.bpmn": (SERVICES / "felanmalan" / "process.bpmn").read_bytes(),
    }
    with pytest.raises(DefinitionError) as caught:
        load_files(files)
    finding = caught.value.findings[0]
    assert abs(finding.line - place) <= 1
    assert "place" in finding.instead


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": {"en": "Only English"}}, "svenska"),
        ({"title": {"sv": " "}}, "tom"),
        ({"title": {"sv": "a", "xx": "b"}}, "okänt språk"),
        ({"language": 2}, "språkversion"),
        ({"service": "Stor Bokstav"}, "fel form"),
        ({"version": "1.0"}, "fel form"),
        ({"no_such_key": 1}, "ingen känd nyckel"),
        ({"login": {"assurance": "3"}}, "okänt värde"),
        (
            {
                "retention": {
                    "from": "case.closed",
                    "years": "5",
                    "then": "dispose",
                    "source": "x",
                    "mark": "verified",
                }
            },
            "integer",
        ),
    ],
)
def test_the_language_converts_nothing_and_fills_in_nothing(change: dict[str, Any], words: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        loaded(**change)
    assert words in " ".join(str(one) for one in caught.value.findings)


def test_newer_languages_are_refused_by_name() -> None:
    with pytest.raises(DefinitionError, match="Uppgradera Sambruk"):
        loaded(language=2)


def test_layout_and_comments_do_not_change_the_hash_but_words_and_files_do() -> None:
    one = loaded()
    text = one.files["service.yaml"].decode()
    same = load_files({**one.files, "service.yaml": f"# en kommentar\n{text}\n".encode()})
    other = load_files({**one.files, "service.yaml": text.replace("owner: sambruk", "owner: annan").encode()})
    drawn = load_files({**one.files, "process.bpmn": one.files["process.bpmn"] + b"\n"})
    assert one.content_hash == same.content_hash
    assert len({one.content_hash, other.content_hash, drawn.content_hash}) == 3


def test_no_default_is_filled_in_before_hashing() -> None:
    form = json.loads(canonical_form(loaded().definition, {}))
    assert "parameters" not in form["definition"]


@given(_WORDS)
def test_the_same_word_in_any_normal_form_hashes_the_same(word: str) -> None:
    forms = {definition_hash({"a": unicodedata.normalize(form, word)}, {}) for form in ("NFC", "NFD")}
    assert len(forms) == 1


def test_from_stored_json_is_the_same_service_with_the_same_hash() -> None:
    found = load_folder(SERVICES / "felanmalan")
    again = from_json(json.dumps(found.definition), found.files)
    assert again.service == found.service
    assert again.content_hash == found.content_hash


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("RunMe.sh", "file.name"),
        ("letters/a.py", "file.name"),
        ("å.md", "file.name"),
        ("a/b/c/d/e.md", "file.name"),
    ],
)
def test_files_that_do_not_belong_are_refused(tmp_path: Path, name: str, rule: str) -> None:
    (tmp_path / "service.yaml").write_text(json.dumps(definition()), "utf-8")
    (tmp_path / "process.bpmn").write_bytes(drawing({"start": "startEvent"}, []))
    target = tmp_path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("x")
    with pytest.raises(DefinitionError) as caught:
        load_folder(tmp_path)
    assert caught.value.findings[0].rule == rule


def test_links_are_refused_and_hidden_files_passed_by(tmp_path: Path) -> None:
    (tmp_path / "service.yaml").write_text(json.dumps(definition()), "utf-8")
    (tmp_path / ".DS_Store").write_text("x")
    assert load_folder(tmp_path).service.service == "prov"
    (tmp_path / "letter.md").symlink_to("/etc/passwd")
    with pytest.raises(DefinitionError, match="Länkar"):
        load_folder(tmp_path)


def test_too_large_folders_and_missing_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="finns inte"):
        load_folder(tmp_path / "nowhere")
    with pytest.raises(DefinitionError, match=r"service\.yaml saknas"):
        load_folder(tmp_path)
    (tmp_path / "big.md").write_bytes(b"x" * 1_000_001)
    with pytest.raises(DefinitionError, match="för stor"):
        load_folder(tmp_path)


def test_the_published_schema_is_fresh() -> None:
    published = (ROOT / "docs" / "service-schema.json").read_text("utf-8")
    assert published == schema_text(), "run: sambruk service schema"


def test_every_service_is_valid_by_the_published_schema() -> None:
    import jsonschema

    schema = json.loads(schema_text())
    for folder in [path.parent for path in SERVICES.glob("*/service.yaml")]:
        jsonschema.validate(load_folder(folder).definition, schema)
