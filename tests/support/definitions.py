"""A small service to bend in tests: `service(fields=[…])`, `loaded(...)`, `drawing(...)`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ruamel.yaml import YAML

from sambruk.platform.definitions.language import Service
from sambruk.platform.definitions.load import LoadedService, load_files

TEXT = {"sv": "Text"}
Arrow = tuple[str, str] | tuple[str, str, str]


def definition(fields: Sequence[Mapping[str, Any]] = (), **changes: Any) -> dict[str, Any]:
    """A whole definition as plain values, with these fields on its one step."""
    asked = [{"label": TEXT, **one} if one.get("type") != "information" else dict(one) for one in fields]
    base: dict[str, Any] = {
        "language": 1,
        "service": "prov",
        "version": "1.0.0",
        "title": TEXT,
        "summary": TEXT,
        "description": TEXT,
        "category": TEXT,
        "owner": "sambruk",
        "login": {"assurance": 3},
        "channels": ["web"],
        "secrecy": {"class": "public"},
        "steps": [
            {"id": "first", "title": TEXT, "fields": asked or [{"id": "a", "type": "text", "label": TEXT}]}
        ],
        "case": {"title": TEXT},
        "process": "process.bpmn",
        "tasks": {"work": {"title": TEXT, "for": "staff", "role": "caseworker"}},
        "stations": [
            {"id": "submitted", "label": TEXT, "next": TEXT, "elements": ["work"]},
            {"id": "closed", "label": TEXT, "next": TEXT},
        ],
        "retention": {
            "from": "case.closed",
            "years": 5,
            "then": "dispose",
            "source": "Prov",
            "mark": "unverified",
        },
        "archive": {"series": "Prov", "classification": "1", "title": TEXT},
        "receipt": TEXT,
    }
    return base | changes


def service(fields: Sequence[Mapping[str, Any]] = (), **changes: Any) -> Service:
    """The same, checked against the language."""
    return Service.model_validate_json(json.dumps(definition(fields, **changes)))


def loaded(
    fields: Sequence[Mapping[str, Any]] = (), files: Mapping[str, bytes] | None = None, **changes: Any
) -> LoadedService:
    """The same, written as YAML and read again, with a drawing of one task beside it."""
    import io

    buffer = io.BytesIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.dump(definition(fields, **changes), buffer)
    return load_files(
        {
            "service.yaml": buffer.getvalue(),
            "process.bpmn": drawing(
                {"start": "startEvent", "work": "userTask", "end": "endEvent"},
                [("start", "work"), ("work", "end")],
            ),
            **(files or {}),
        }
    )


def drawing(
    nodes: Mapping[str, str],
    arrows: Sequence[Arrow],
    *,
    messages: Mapping[str, str] | None = None,
    attached: Mapping[str, str] | None = None,
    extra: str = "",
) -> bytes:
    """A drawing: elements by id, arrows (from, to, condition), messages by waiting element."""
    messages, attached = dict(messages or {}), dict(attached or {})
    parts = ['<?xml version="1.0" encoding="UTF-8"?>']
    parts.append(
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t">'
    )
    parts += [f'<bpmn:message id="m_{name}" name="{name}" />' for name in sorted(set(messages.values()))]
    parts.append('<bpmn:process id="prov" isExecutable="true">')
    for key, kind in nodes.items():
        host = f' attachedToRef="{attached[key]}"' if key in attached else ""
        inside = f'<bpmn:messageEventDefinition messageRef="m_{messages[key]}" />' if key in messages else ""
        parts.append(f'<bpmn:{kind} id="{key}" name="{key}"{host}>{inside}</bpmn:{kind}>')
    for position, arrow in enumerate(arrows):
        condition = (
            f"<bpmn:conditionExpression>{escape(arrow[2])}</bpmn:conditionExpression>"
            if len(arrow) == 3
            else ""
        )
        parts.append(
            f'<bpmn:sequenceFlow id="f{position}" sourceRef={quoteattr(arrow[0])}'
            f" targetRef={quoteattr(arrow[1])}>"
            f"{condition}</bpmn:sequenceFlow>"
        )
    parts.append(f"{extra}</bpmn:process><bpmndi:BPMNDiagram><bpmndi:BPMNPlane>")
    parts += [f'<bpmndi:BPMNShape bpmnElement="{key}" />' for key in nodes]
    parts.append("</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>")
    return "\n".join(parts).encode()
