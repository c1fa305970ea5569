"""`rightsdesk datamap`: checks a data map, shows it as a picture, prints its JSON Schema."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.commands._arguments import SHIPPED_MERCHANT
from local.datamap_picture import Language, mermaid, svg
from rightsdesk.adapters.merchant_files import (
    CONSENTS,
    DATA_MAP,
    POLICY,
    read_data_map,
    read_merchant_file,
    resource_names,
)
from rightsdesk.domain import traversal
from rightsdesk.domain.acceptance import PolicyHistory
from rightsdesk.domain.consent_text import ConsentTexts
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.fields import Basis

EXIT_OK, EXIT_FAILED = 0, 1
_SHIPPED = SHIPPED_MERCHANT / DATA_MAP


def run(argv: Sequence[str]) -> int:
    """Exit status 0 where the map is right."""
    arguments = _parser().parse_args(argv)
    if arguments.verb == "schema":
        print(schema(), end="")
        return EXIT_OK
    path = arguments.path / DATA_MAP if arguments.path.is_dir() else arguments.path
    if arguments.verb == "check":
        return check(path, as_json=arguments.json)
    return show(path, picture=arguments.format, language=arguments.language)


def check(path: Path, *, as_json: bool = False) -> int:
    """Print what is wrong with a map, each with its line, or what a right one holds."""
    try:
        data_map = read_data_map(path)
        _check_beside(path, data_map)
    except MerchantFileError as error:
        problems = str(error).splitlines()
        print(json.dumps({"right": False, "problems": problems}, indent=2, ensure_ascii=False) if as_json else error)
        return EXIT_FAILED
    summary = _summary(data_map, path)
    if as_json:
        print(json.dumps({"right": True, "problems": [], **summary}, indent=2, ensure_ascii=False))
    else:
        waves = ", then ".join(" and ".join(wave) for wave in summary["waves"])
        print(f"{path.name} is right: version {data_map.version}")
        print(
            f"  {summary['collections']} collections with {summary['fields']} fields, searched in this order: {waves}"
        )
        print(f"  portable: {summary['portable']}, about other people: {summary['about_others']}, ", end="")
        print(f"never disclosed: {summary['never_disclosed']}")
        print(f"  resources, as parameters of template.yaml: {', '.join(summary['resources'])}")
    return EXIT_OK


def _check_beside(path: Path, data_map: DataMap) -> None:
    """The words of consents and the versions of the policy, where they stand beside it. Raises MerchantFileError."""
    consents, policy = path.with_name(CONSENTS), path.with_name(POLICY)
    if consents.is_file():
        by_consent = {name: purpose.basis is Basis.CONSENT for name, purpose in data_map.purposes.items()}
        problems = read_merchant_file(consents, ConsentTexts).problems(by_consent, data_map.recipients)
        if problems:
            raise MerchantFileError("\n".join(f"{CONSENTS}: {problem}" for problem in problems))
    if policy.is_file():
        read_merchant_file(policy, PolicyHistory)


def show(path: Path, *, picture: str = "mermaid", language: Language = "en") -> int:
    """Print the map as a picture."""
    try:
        data_map = read_data_map(path)
    except MerchantFileError as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED
    print((svg if picture == "svg" else mermaid)(data_map, language), end="")
    return EXIT_OK


def schema() -> str:
    """The JSON Schema of a data map, for editors: docs/datamap.schema.json is this."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    document = {**head, **DataMap.model_json_schema(by_alias=True), "title": "The data map of Rightsdesk"}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _summary(data_map: DataMap, path: Path) -> dict[str, Any]:
    fields = [field for collection in data_map.collections for field in collection.fields.values()]
    return {
        "version": data_map.version,
        "collections": sum(1 for _ in data_map.collections),
        "fields": len(fields),
        "portable": sum(field.portable for field in fields),
        "about_others": sum(field.about == "other_person" for field in fields),
        "never_disclosed": sum(not field.disclosed for field in fields),
        "waves": [[step.name for step in wave] for wave in traversal.waves(data_map, data_map.verifiable)],
        "resources": list(resource_names(path)),
    }


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="rightsdesk datamap",
        description="The data map says where a merchant keeps what about people; docs/datamap.md explains it.",
        epilog="example:\n  rightsdesk datamap check layers/merchant/datamap.yaml\n"
        "  rightsdesk datamap show --format svg > datamap.svg\n\n"
        "exit status: 0 the map is right, 1 it is not (each mistake with its line), 2 wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = made.add_subparsers(dest="verb", required=True)
    checking = verbs.add_parser("check", help="say what is wrong, each with its line")
    showing = verbs.add_parser("show", help="print a picture of what leads to what")
    verbs.add_parser("schema", help="print the JSON Schema of data maps, for editors")
    for verb in (checking, showing):
        verb.add_argument("path", type=Path, nargs="?", default=_SHIPPED, help="a map, or a folder that has one")
    checking.add_argument("--json", action="store_true", help="print one JSON document")
    showing.add_argument("--format", choices=("mermaid", "svg"), default="mermaid", help="of the picture")
    showing.add_argument("--language", choices=("en", "ja"), default="en", help="of the labels")
    return made
