"""The services that are offered, and the shape of their answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from tests.platform.api.conftest import SERVICES, System, Town, administrator
from tests.platform.api.test_errors import problem

from sambruk.platform.definitions.answer_schema import answer_schema
from sambruk.platform.definitions.load import load_folder
from sambruk.platform.definitions.models import Adoption


def example_files() -> list[Path]:
    return sorted(SERVICES.glob("*/examples/*.yaml"))


def test_what_is_offered_and_nothing_else(system: System, town: Town) -> None:
    (one,) = system.get("/services").json()["items"]
    assert one["id"] == "felanmalan"
    assert one["title"]["sv"]
    assert one["loginAssurance"] == 0
    assert one["definitionHash"] == town.effective.hash
    body = system.get("/services/felanmalan").json()
    assert body["answerSchema"]["properties"]["description"]["type"] == "string"
    Adoption.objects.update(status=Adoption.Status.PAUSED)
    assert system.get("/services").json() == {"items": [], "next": None}
    problem(system.get("/services/felanmalan"), 404, "no_service")


def test_page_by_page(system: System, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from sambruk.platform.definitions import actions

    loaded = load_folder(SERVICES / "ekonomiskt-bistand-ateransokan")
    actions.publish_loaded(loaded=loaded, by=administrator())
    units = dict.fromkeys(("default", "caseworker", "decision_maker", "payment_approver"), town.centre.pk)
    actions.adopt(service="ekonomiskt-bistand-ateransokan", units=units, by=administrator())
    first = system.get("/services?limit=1")
    rest = system.get(f"/services?limit=1&after={first.json()['next']}")
    names = [one["id"] for page in (first, rest) for one in page.json()["items"]]
    assert names == ["ekonomiskt-bistand-ateransokan", "felanmalan"]
    assert rest.json()["next"] is None


@pytest.mark.parametrize("path", example_files(), ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_the_examples_fit_the_schema(path: Path) -> None:
    example: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    schema = answer_schema(load_folder(path.parents[1]).service)
    jsonschema.Draft202012Validator.check_schema(schema)
    answers = {key: value for key, value in example.get("answers", {}).items() if value is not None}
    if not answers or example.get("expect", {}).get("errors"):
        pytest.skip("an example of what is stopped before it is handed in")
    answers = json.loads(json.dumps(answers, default=str))
    errors = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(answers)]
    assert errors == []


def test_what_the_schema_refuses() -> None:
    check = jsonschema.Draft202012Validator(answer_schema(load_folder(SERVICES / "felanmalan").service))
    assert not check.is_valid({"kind": "no such kind"})
    assert not check.is_valid({"unknown": 1})
    assert not check.is_valid({})
