"""A service's examples are its tests: what goes otherwise is told, and what they leave untried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sambruk.platform.definitions.check import require_publishable
from sambruk.platform.definitions.cli import app
from sambruk.platform.definitions.examples import run_examples
from sambruk.platform.definitions.findings import DefinitionError
from sambruk.platform.definitions.load import LoadedService, load_files, load_folder

SERVICES = Path(__file__).parents[3] / "services"
FOLDERS = sorted(path.parent.name for path in SERVICES.glob("*/service.yaml"))
FIRST = "examples/01-hal-i-vagen.yaml"


def bent(old: str, new: str, file: str = FIRST) -> LoadedService:
    found = load_folder(SERVICES / "felanmalan")
    text = found.files[file].decode()
    assert old in text
    return load_files({**found.files, file: text.replace(old, new).encode()})


def only(loaded: LoadedService, *names: str) -> LoadedService:
    return load_files({k: v for k, v in loaded.files.items() if not k.startswith("examples/") or k in names})


@pytest.mark.parametrize("folder", FOLDERS)
def test_our_own_services_pass_their_examples_and_try_everything(folder: str) -> None:
    loaded = load_folder(SERVICES / folder)
    report = run_examples(loaded)
    assert [one for one in report.outcomes if not one.passed] == []
    assert {share.name: share.missing for share in report.coverage.shares} == {
        share.name: [] for share in report.coverage.shares
    }
    require_publishable(loaded)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("danger: true", "danger: false", "danger_call visas inte"),
        ("hidden: [light_number", "hidden: [danger_call, light_number", "danger_call visas"),
        ("dangerous: true", "dangerous: false", "dangerous blev True"),
        ("opens: [sort]", "opens: [fix]", "Öppet är ['sort']"),
        ("{task: fix, opens: [answer]}", "{task: answer}", "inte öppen längre"),
        ("handover: accepted", "handover: maybe", "kan inte gå vidare"),
        ("  - {task: answer, opens: []}\n", "", "slutade inte"),
        ("wants_answer: false", "wants_answer: true", "Oväntat fel i reporter_email"),
        ("today: 2026-11-23", "today: 2026-11-23\nparameters: {fix_days: 900}", "högst 120"),
        ("kind: road", "kind: moon", "Oväntat fel i kind"),
    ],
)
def test_what_goes_otherwise_than_the_example_says_is_told_with_its_line(
    old: str, new: str, words: str
) -> None:
    outcome = next(one for one in run_examples(bent(old, new)).outcomes if one.file == FIRST)
    assert any(words in finding.message and finding.line > 0 for finding in outcome.findings), (
        outcome.findings
    )


def test_letters_and_reasons_are_checked() -> None:
    loaded = load_folder(SERVICES / "ekonomiskt-bistand-ateransokan")
    file = "examples/02-par-med-barn-avslag.yaml"
    text = loaded.files[file].decode()

    def messages(old: str, new: str) -> str:
        assert old in text
        found = load_files({**loaded.files, file: text.replace(old, new).encode()})
        return " ".join(f.message for one in run_examples(found).outcomes for f in one.findings)

    assert "Brevet innehåller inte: Du får pengar" in messages(
        'contains: ["Du får inte', 'contains: ["Du får pengar", "Du får inte'
    )
    assert "kräver egna ord" in messages("own_words: Era inkomster räcker., ", "")
    assert "hör inte till refuse" in messages(
        "phrases: [income_over_norm, child", "phrases: [costs_too_high, child"
    )
    assert "behöver ett värde för calculation" in messages("calculation: Överskott, ", "")


def test_what_is_not_tried_is_named() -> None:
    loaded = only(load_folder(SERVICES / "felanmalan"), FIRST)
    shares = {share.name: share for share in run_examples(loaded).coverage.shares}
    assert "flow_returned" in shares["pilar i processen"].missing
    assert "light_number visas" in shares["villkor"].missing
    assert shares["villkor"].percent < 100


def test_without_examples_or_with_a_failing_one_nothing_is_published() -> None:
    with pytest.raises(DefinitionError, match="inget exempel"):
        require_publishable(only(load_folder(SERVICES / "felanmalan")))
    with pytest.raises(DefinitionError):
        require_publishable(bent("danger: true", "danger: false"))


def test_an_example_that_cannot_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(DefinitionError) as caught:
        run_examples(bent("opens: [sort]", "opnes: [sort]"))
    assert caught.value.findings[0].file == FIRST and caught.value.findings[0].line > 5


run = CliRunner().invoke


def test_the_command_line_lists_shows_checks_and_tries() -> None:
    assert "felanmalan" in run(app, ["list"]).output
    listed = json.loads(run(app, ["list", "--json"]).output)
    assert {"felanmalan", "ekonomiskt-bistand-ateransokan"} <= {one["service"] for one in listed}
    shown = json.loads(run(app, ["show", "felanmalan", "--json"]).output)
    assert shown["hash"] == load_folder(SERVICES / "felanmalan").content_hash
    assert run(app, ["lint", "felanmalan"]).exit_code == 0
    tried = run(app, ["test", str(SERVICES / "felanmalan"), "--json"])
    assert tried.exit_code == 0 and json.loads(tried.output)["ok"] is True


def test_the_command_line_says_file_line_and_what_to_write(tmp_path: Path) -> None:
    for name, content in load_folder(SERVICES / "felanmalan").files.items():
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_bytes(content.replace(b"when: yes(danger)", b"when: yes(dangre)"))
    result = run(app, ["lint", str(tmp_path)])
    assert result.exit_code == 1
    assert "service.yaml:" in result.output and "dangre finns inte" in result.output
    found = json.loads(run(app, ["lint", str(tmp_path), "--json"]).output)
    assert found["ok"] is False and found["findings"][0]["line"] > 1
    assert run(app, ["test", str(tmp_path)]).exit_code == 1
    assert run(app, ["show", str(tmp_path / "nowhere")]).exit_code == 1


def test_examples_run_in_production_where_test_numbers_are_otherwise_refused(
    settings: pytest.FixtureRequest,
) -> None:
    from sambruk.common.errors import Invalid
    from sambruk.platform.definitions.answers.people import parse_number

    settings.TEST_MODE = False  # type: ignore[attr-defined]
    assert run_examples(load_folder(SERVICES / "ekonomiskt-bistand-ateransokan")).passed
    with pytest.raises(Invalid, match="testnummer"):
        parse_number("199006022397")
