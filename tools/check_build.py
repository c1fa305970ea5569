"""Looks at the built package and says what would be wrong with it on Lambda: bytecode, weight, missing pieces.

    python tools/check_build.py .aws-sam/build --python-version 3.13

Exit code 0 where nothing is wrong, else 1; every finding is a line on standard error.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

MEGABYTE = 1024 * 1024
LAMBDA_LIMIT = 250 * MEGABYTE  # a function and its layers, unzipped
# Ours stay far below: room for what comes, and a warning before a library makes cold starts slow.
PLAIN_LIMIT = 75 * MEGABYTE
COLUMNAR_LIMIT = 175 * MEGABYTE

_UNCHECKED_HASH = 0b01  # PEP 552: by hash, and not compared at import

# What only shows when it runs: data that trimming must not have taken. Pure Python, so it runs on any machine.
_SMOKE = """
import datetime, importlib.metadata, zoneinfo
import aws_lambda_powertools, babel.dates, botocore.session, dateutil.tz, email_validator, holidays, idna
import itsdangerous, jinja2, jmespath, s3transfer.manager, tzdata, yaml
importlib.metadata.version("email-validator")  # pydantic asks for it
for locale in ("en", "en_GB", "ja"):
    babel.dates.format_date(datetime.date(2026, 10, 3), "long", locale=locale)
holidays.country_holidays("JP", years=2026), holidays.country_holidays("DE", years=2026)
session = botocore.session.get_session()
for service in ("cognito-idp", "dynamodb", "kms", "s3", "secretsmanager", "sesv2", "sqs", "stepfunctions"):
    session.create_client(service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
"""


def findings(build: Path, python_version: str) -> Iterator[str]:
    template = yaml_parse((build / "template.yaml").read_text(encoding="utf-8"))
    folders = sorted(folder for folder in build.iterdir() if folder.is_dir())
    for folder in folders:
        yield from bytecode_findings(folder, python_version)
    for name, size, limit in weights(build, template):
        if size > limit:
            yield f"{name} weighs {size / MEGABYTE:.0f} MB with its layers, more than {limit // MEGABYTE} MB"
    for needed in ("CoreLayer/python/rightsdesk/py.typed", "MerchantLayer/merchant", "DependenciesLayer/python/boto3"):
        if not (build / needed).exists():
            yield f"{needed} is missing"
    yield from _smoke_findings(build / "DependenciesLayer/python")


def bytecode_findings(folder: Path, python_version: str) -> Iterator[str]:
    """A module whose bytecode is missing, or is compared with its source at import."""
    tag = f"cpython-{python_version.replace('.', '')}"
    for module in sorted(folder.rglob("*.py")):
        compiled = module.parent / "__pycache__" / f"{module.stem}.{tag}.pyc"
        where = module.relative_to(folder.parent)
        if not compiled.exists():
            yield f"{where} has no bytecode for Python {python_version}"
        elif int.from_bytes(compiled.read_bytes()[4:8], "little") != _UNCHECKED_HASH:
            yield f"{where} has bytecode that is compared with its source at every import"


def weights(build: Path, template: dict) -> Iterator[tuple[str, int, int]]:  # type: ignore[type-arg]
    """For each function: its name, its bytes with its layers, and our limit for it."""
    shared = template["Globals"]["Function"]["Layers"]
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            layers = [layer["Ref"] for layer in shared + resource["Properties"].get("Layers", [])]
            size = sum(_bytes_in(build / part) for part in (resource["Properties"]["CodeUri"], *layers))
            yield name, size, COLUMNAR_LIMIT if "ColumnarLayer" in layers else PLAIN_LIMIT


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _smoke_findings(layer: Path) -> Iterator[str]:
    # -I -S: nothing but the standard library and the layer itself.
    code = f"import sys; sys.path.insert(0, {str(layer)!r})\n{_SMOKE}"
    done = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"the trimmed dependencies lack something: {done.stderr.strip().splitlines()[-1]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--python-version", required=True)
    asked = parser.parse_args()
    found = list(findings(asked.build, asked.python_version))
    if found:
        print("\n".join(found), file=sys.stderr)
        return 1
    template = yaml_parse((asked.build / "template.yaml").read_text(encoding="utf-8"))
    name, size, _ = max(weights(asked.build, template), key=lambda weight: weight[1])
    print(f"The package is sound: bytecode everywhere; the heaviest function is {name} with {size // MEGABYTE} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
