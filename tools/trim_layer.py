"""Removes from an installed layer what Lambda never reads: cold starts pay for every file, and 250 MB is the limit.

Only data and native libraries go, never a Python module that something imports. What is kept of botocore and Babel
follows from our code; tests/infrastructure/test_layers.py fails when the code asks for more.
"""

import gzip
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# AWS services whose clients the adapters and sources make.
AWS_SERVICES = frozenset(
    {"cognito-idp", "dynamodb", "kms", "lambda", "s3", "secretsmanager", "sesv2", "sqs", "stepfunctions"}
)

# Languages of the pages. en_GB inherits from en_001.
LOCALES = frozenset({"root", "en", "en_001", "en_GB", "ja", "ja_JP"})

# What every package leaves lying about. Of dist-info only METADATA stays: holidays and pydantic ask for versions.
_LITTER = (
    "**/__pycache__",
    "**/tests",
    "*.dist-info/[!M]*",
    "*.dist-info/MANIFEST*",
    "bin",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
    "**/*.pxi",
    "**/*.c",
    "**/*.h",
    "boto3/data",
    "boto3/examples",
    "holidays/locale",  # names of holidays in other languages; we use the dates
    "botocore/data/**/examples-1.json",
)

# pyarrow reads Parquet from memory here: no file systems of its own, no Flight, no ORC, no headers.
_PYARROW = (
    "include",
    "includes",
    "src",
    "libarrow_flight.*",
    "libarrow_python_flight.*",
    "libarrow_s3.*",
    "_azurefs.*",
    "_dataset_orc.*",
    "_flight.*",
    "_gcsfs.*",
    "_hdfs.*",
    "_orc.*",
    "_pyarrow_cpp_tests.*",
    "_s3fs.*",
    "_substrait.*",
)


def trim(layer: Path) -> None:
    """Trim the packages in `layer`, the folder that is on the path."""
    for pattern in _LITTER:
        _remove(layer.glob(pattern))
    _remove(path for path in _entries(layer / "botocore/data") if path.is_dir() and path.name not in AWS_SERVICES)
    _shorten_botocore(layer / "botocore/data")
    _remove(path for path in _entries(layer / "babel/locale-data") if path.stem not in LOCALES)
    for pattern in _PYARROW:
        _remove((layer / "pyarrow").glob(pattern))
    _remove(_copies_under_other_names(layer / "pyarrow"))


def _shorten_botocore(data: Path) -> None:
    """Leave out what only people read, and endpoints of other services: every client's making parses these files."""
    prefixes = set()
    for path in data.glob("*/*/service-2.json.gz"):
        model = _without_documentation(json.loads(gzip.decompress(path.read_bytes())))
        prefixes.add(model["metadata"]["endpointPrefix"])
        path.unlink()  # it may be linked to an installation
        path.write_bytes(gzip.compress(_compact(model), mtime=0))
    endpoints = data / "endpoints.json"
    if endpoints.exists():
        content = json.loads(endpoints.read_text(encoding="utf-8"))
        for partition in content["partitions"]:
            partition["services"] = {name: of for name, of in partition["services"].items() if name in prefixes}
        endpoints.unlink()
        endpoints.write_bytes(_compact(content))


def _without_documentation(node: Any) -> Any:
    """Texts become empty. They can't go: botocore asks for some of them when it makes a request."""
    if isinstance(node, dict):
        return {
            name: "" if name == "documentation" and isinstance(value, str) else _without_documentation(value)
            for name, value in node.items()
        }
    return [_without_documentation(item) for item in node] if isinstance(node, list) else node


def _compact(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _copies_under_other_names(folder: Path) -> list[Path]:
    """`libx.so` and `libx.so.26.1.0` beside `libx.so.26`, which is the name that is linked: a wheel has no links."""
    linked = {path.name for path in _entries(folder) if path.name.split(".so.")[-1].isdigit()}
    return [
        path
        for path in _entries(folder)
        if path.name not in linked
        and any(name.startswith(f"{path.name}.") or path.name.startswith(f"{name}.") for name in linked)
    ]


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
