"""`docs/report.schema.json`, and what of it an answer breaks.

Of JSON Schema only what that file uses. Stricter in one point: a key that is not declared is a mistake, because whoever
adds one has to declare it.
"""

import json
import pathlib
import re

DEFINITIONS = json.loads((pathlib.Path(__file__).parents[2] / "docs/report.schema.json").read_text())["$defs"]
TYPES = {"null": type(None), "boolean": bool, "string": str, "array": list, "object": dict}


def mistakes(answer):
    """What is wrong with an answer, each with its place; an empty list where it is as it should be."""
    command = answer.get("command")
    name = "failure" if "error" in answer else "sync" if command == "inspect-package" else command
    return list(_mistakes(answer, DEFINITIONS[name], "answer"))


def _mistakes(value, schema, place):
    if "$ref" in schema:
        yield from _mistakes(value, DEFINITIONS[schema["$ref"].removeprefix("#/$defs/")], place)
    elif "anyOf" in schema:
        found = [list(_mistakes(value, choice, place)) for choice in schema["anyOf"]]
        if all(found):
            yield from found[0]
    elif "const" in schema or "enum" in schema:
        if value not in schema.get("enum", [schema.get("const")]):
            yield f"{place}: {value!r}"
    elif schema["type"] == "integer":
        if type(value) is not int or value < 0:
            yield f"{place}: {value!r} is no count"
    elif type(value) is not TYPES[schema["type"]]:
        yield f"{place}: {value!r} is no {schema['type']}"
    elif schema["type"] == "string":
        if not re.search(schema.get("pattern", ""), value):
            yield f"{place}: {value!r}"
    elif schema["type"] == "array":
        for index, item in enumerate(value):
            yield from _mistakes(item, schema["items"], f"{place}[{index}]")
    elif schema["type"] == "object":
        yield from (f"{place}: {key} is missing" for key in schema.get("required", []) if key not in value)
        declared = schema.get("properties")
        for key, member in value.items() if declared is not None else ():
            if key in declared:
                yield from _mistakes(member, declared[key], f"{place}.{key}")
            elif not schema.get("additionalProperties"):
                yield f"{place}.{key}: not declared"
