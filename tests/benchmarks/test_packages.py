"""What a function weighs, unzipped, with its layers, as `make package` has built it."""

from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.benchmarks.measuring import ROOT
from tests.benchmarks.report import Row, Section
from tools.check_build import LAMBDA_LIMIT, MEGABYTE, weights

BUILD = ROOT / ".aws-sam/build"

pytestmark = pytest.mark.benchmark


def test_weight_of_each_function(sections: list[Section]) -> None:
    section = Section(
        "Packages",
        """
A function with its layers as `make package` built them, unzipped, with bytecode, against Lambda's limit of 250 MB. The
goals are those that `tools/check_build.py` holds. Bytecode: modules that have it, of all modules.
""",
    )
    if not (BUILD / "template.yaml").exists():
        section.text += "\nNot measured: nothing was built here."
    else:
        template = yaml_parse((BUILD / "template.yaml").read_text(encoding="utf-8"))
        for name, size, goal in weights(BUILD, template):
            what = name.removesuffix("Function")
            ratio, aim = size / LAMBDA_LIMIT, goal / LAMBDA_LIMIT
            section.rows.append(Row(what, _megabytes(size), _megabytes(LAMBDA_LIMIT), ratio, round(aim, 2)))
        modules = list(BUILD.rglob("*.py"))
        compiled = sum(map(_has_bytecode, modules))
        section.rows.append(Row("bytecode", str(compiled), str(len(modules)), compiled / len(modules), 1, more=True))
    sections.append(section)


def _has_bytecode(module: Path) -> bool:
    return any((module.parent / "__pycache__").glob(f"{module.stem}.cpython-*.pyc"))


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.0f} MB"
