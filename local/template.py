"""Reads a SAM template and translates it to CloudFormation with AWS's own translator.

Code stays where it is: a function's or layer's folder is remembered under its logical id (`Template.code`), and files
that the template points at (state machines, OpenAPI) are put in their place. Parameters are checked as CloudFormation
would check them, as far as a laptop can.
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from local.account import REGION

_CODE = "local-code"  # the name of a bucket that never exists: a code URI must look like one in S3


class TemplateError(Exception):
    """The template asks for something that cannot be had here; the message names the resource or parameter."""


@dataclass(frozen=True)
class Template:
    resources: Mapping[str, Mapping[str, Any]]  # CloudFormation, after translation
    parameters: Mapping[str, Any]  # every parameter with its value
    conditions: Mapping[str, Any]
    mappings: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]
    code: Mapping[str, Path]  # logical id of a function or layer -> its folder


def read_template(path: Path, overrides: Mapping[str, str]) -> Template:
    """Raises TemplateError for a missing or impossible parameter; the translator's own errors come through."""
    document = copy.deepcopy(_document(path.read_text(encoding="utf-8")))
    parameters = _parameters(document.get("Parameters") or {}, overrides)
    code = _inline_files(document, path.resolve().parent)
    session = boto3.session.Session(region_name=REGION)
    translated = Translator({}, Parser(), boto_session=session).translate(document, dict(parameters))
    return Template(
        resources=translated["Resources"],
        parameters=parameters,
        conditions=translated.get("Conditions") or {},
        mappings=translated.get("Mappings") or {},
        outputs=translated.get("Outputs") or {},
        code=code,
    )


def declared_parameters(path: Path) -> dict[str, bool]:
    """The names of the parameters that the template at `path` declares, and whether each must be given a value."""
    declared = _document(path.read_text(encoding="utf-8")).get("Parameters") or {}
    return {name: "Default" not in declaration for name, declaration in declared.items()}


@cache
def _document(source: str) -> dict[str, Any]:
    """Read once for each text: it takes half a second. Whoever changes it copies it."""
    document: dict[str, Any] = yaml_parse(source)
    return document


def _parameters(declared: Mapping[str, Any], overrides: Mapping[str, str]) -> dict[str, Any]:
    unknown = set(overrides) - set(declared)
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(sorted(unknown))}")
    return {name: _parameter(name, declaration, overrides) for name, declaration in declared.items()}


def _parameter(name: str, declaration: Mapping[str, Any], overrides: Mapping[str, str]) -> Any:
    if name in overrides:
        value = str(overrides[name])
    elif "Default" in declaration:
        value = _text(declaration["Default"])
    else:
        raise TemplateError(f"parameter {name} has no default: give it a value")
    allowed = declaration.get("AllowedValues")
    if allowed is not None and value not in map(_text, allowed):
        raise TemplateError(f"parameter {name}: {value!r} is not one of {', '.join(map(_text, allowed))}")
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise TemplateError(f"parameter {name}: {value!r} does not match {pattern}")
    if declaration["Type"] == "CommaDelimitedList" or declaration["Type"].startswith("List<"):
        return [part.strip() for part in value.split(",")] if value else []
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _inline_files(document: dict[str, Any], base: Path) -> dict[str, Path]:
    """Replaces every path to a file or folder in `document`; returns the folders of code."""
    folders: dict[str, Path] = {}
    function_globals = (document.get("Globals") or {}).get("Function") or {}
    shared_code = function_globals.pop("CodeUri", None)
    for name, resource in document["Resources"].items():
        properties = resource.setdefault("Properties", {})
        match resource["Type"]:
            case "AWS::Serverless::Function":
                folders[name] = _folder(base, name, properties.get("CodeUri", shared_code))
                properties["CodeUri"] = f"s3://{_CODE}/{name}"
            case "AWS::Serverless::LayerVersion":
                folders[name] = _folder(base, name, properties.get("ContentUri"))
                properties["ContentUri"] = f"s3://{_CODE}/{name}"
            case "AWS::Serverless::StateMachine" if "DefinitionUri" in properties:
                properties["Definition"] = _file(base, name, properties.pop("DefinitionUri"))
            case "AWS::Serverless::Api" if "DefinitionUri" in properties:
                properties["DefinitionBody"] = _file(base, name, properties.pop("DefinitionUri"))
    return folders


def _folder(base: Path, name: str, uri: Any) -> Path:
    folder = base / uri if isinstance(uri, str) else None
    if folder is None or not folder.is_dir():
        raise TemplateError(f"{name}: there is no folder {uri!r} with its code")
    return folder.resolve()


def _file(base: Path, name: str, uri: Any) -> Any:
    if not isinstance(uri, str) or not (base / uri).is_file():
        raise TemplateError(f"{name}: there is no file {uri!r} with its definition")
    source = (base / uri).read_text(encoding="utf-8")
    return json.loads(source) if uri.endswith(".json") else yaml.safe_load(source)
