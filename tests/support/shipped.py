"""The package as it ships, for the Python of this machine: the layers trimmed by the same rules, with bytecode.

`sam build` makes it for Lambda's processor, whose native libraries don't load elsewhere; so what is installed here
takes their place. Files are linked, not copied.
"""

import os
import shutil
import site
from dataclasses import dataclass
from pathlib import Path

from tools import compile_bytecode
from tools.trim_layer import trim

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = Path(site.getsitepackages()[0])
COLUMNAR = ("pyarrow",)
PACKAGES = [
    *("annotated_types", "aws_lambda_powertools", "babel", "boto3", "botocore", "charset_normalizer", "dateutil"),
    *("dns", "email_validator", "holidays", "idna", "isal", "itsdangerous", "jinja2", "jmespath", "markupsafe"),
    *("nh3", "orjson", "pydantic", "pydantic_core", "s3transfer", "typing_inspection", "tzdata", "urllib3", "yaml"),
]


@dataclass(frozen=True)
class Shipped:
    """Folders that Lambda would have on the path, and those of the functions by their names."""

    dependencies: Path
    core: Path
    functions: dict[str, Path]

    def paths(self, function: str) -> list[Path]:
        return [self.functions[function], self.core, self.dependencies]


def link_packages(layer: Path, packages: list[str]) -> None:
    """What is installed here, under `layer`."""
    for name in packages:
        shutil.copytree(INSTALLED / name, layer / name, copy_function=os.link)
    for path in INSTALLED.glob("*.dist-info"):
        shutil.copytree(path, layer / path.name, copy_function=os.link)
    for name in ("six.py", "typing_extensions.py"):
        os.link(INSTALLED / name, layer / name)


def ship(build: Path) -> Shipped:
    """Make the package in the empty folder `build`, without the columnar layer."""
    dependencies, core = build / "DependenciesLayer/python", build / "CoreLayer/python"
    dependencies.mkdir(parents=True)
    link_packages(dependencies, PACKAGES)
    trim(dependencies)
    no_bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "layers/core/python", core, ignore=no_bytecode)
    functions = {path.parent.name: build / path.parent.name for path in sorted(ROOT.glob("functions/*/app.py"))}
    for name, folder in functions.items():
        shutil.copytree(ROOT / "functions" / name, folder, ignore=no_bytecode)
    assert compile_bytecode.main(build) == 0
    return Shipped(dependencies, core, functions)
