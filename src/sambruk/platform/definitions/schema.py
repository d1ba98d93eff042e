"""The language's JSON Schema, published as docs/service-schema.json for editors."""

from __future__ import annotations

import json

from sambruk.platform.definitions.language import Service


def schema_text() -> str:
    """Return the schema as JSON text: JSON Schema 2020-12, stable from run to run."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sambruk service definition, language 1",
        **{key: value for key, value in Service.model_json_schema(by_alias=True).items() if key != "title"},
    }
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
