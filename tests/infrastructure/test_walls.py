"""Who may import whom. Read from the source of every file: a wall that nobody watches falls."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infrastructure.deployed_template import ROOT

CORE = ROOT / "layers/core/python/rightsdesk"

RULES = {"pydantic", "pydantic_core", "dateutil", "holidays"}
# email_validator: which addresses there are and how their domains are written, with no look-up.
WORDS = {"pydantic", "pydantic_core", "jinja2", "markupsafe", "babel", "yaml"}
PACKAGES = {"orjson", "isal"}
# nh3 reduces HTML to a safe subset; charset_normalizer guesses where nobody says.
READING = {"nh3", "charset_normalizer"}

# Package or module of ours -> what it may import beyond the standard library and itself.
MAY_IMPORT: dict[str, set[str]] = {
    "domain": RULES | {"email_validator", "idna", "rightsdesk.law"},
    "law": RULES | {"rightsdesk.domain"},
    "ports": {"pydantic", "rightsdesk.domain", "rightsdesk.law"},
    # export is pure like law: it makes a package out of records and writes to what it is given.
    "services": {
        *("pydantic", "rightsdesk.domain", "rightsdesk.law", "rightsdesk.export"),
        *("rightsdesk.ports", "rightsdesk.observability"),
    },
    # Powertools: its idempotency is a store.
    "adapters": {
        *("boto3", "botocore", "s3transfer", "aws_lambda_powertools", "cryptography", "pydantic", "yaml", *PACKAGES),
        *("rightsdesk.domain", "rightsdesk.ports", "rightsdesk.observability"),
    },
    "sources": {
        *("boto3", "botocore", "pydantic", "pyarrow", *PACKAGES),
        *("rightsdesk.domain", "rightsdesk.ports", "rightsdesk.observability"),
    },
    "web": {
        *("aws_lambda_powertools", "itsdangerous", *WORDS, *PACKAGES),
        *("rightsdesk.domain", "rightsdesk.law", "rightsdesk.observability"),
    },
    "mail": {*WORDS, *READING, "rightsdesk.domain", "rightsdesk.law"},
    "export": {*WORDS, *PACKAGES, "rightsdesk.domain", "rightsdesk.law"},
    "settings": {"pydantic"},
    "observability": {"aws_lambda_powertools", "rightsdesk.domain", "rightsdesk.redaction"},
    "redaction": set(),
}
# What several functions wire alike: may import everything, and nothing but a function imports them.
WIRING = {"wiring", "subject_desk", "staff_desk", "erasing_desk", "telling_desk"}

# Types of boto3's clients: read by mypy, not there at run time.
ONLY_FOR_TYPES = ("mypy_boto3_", "_typeshed")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """(line, name): a library by its top name, what is ours as `rightsdesk.<package>`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        match node:
            case ast.Import():
                modules = [alias.name for alias in node.names]
            case ast.ImportFrom(level=0, module=str(module)):
                # `from rightsdesk import ports` imports a module; the version is everybody's.
                names = [alias.name for alias in node.names if alias.name != "__version__"]
                modules = [f"{module}.{name}" for name in names] if module == "rightsdesk" else [module]
            case ast.ImportFrom():
                raise AssertionError(f"{path}:{node.lineno}: a relative import hides where it leads")
            case _:
                continue
        for module in modules:
            parts = module.split(".")
            if parts[0] not in sys.stdlib_module_names and not module.startswith(ONLY_FOR_TYPES):
                yield node.lineno, ".".join(parts[:2]) if parts[0] == "rightsdesk" else parts[0]


def package_of(path: Path) -> str:
    return path.relative_to(CORE).parts[0].removesuffix(".py")


SOURCES = [path for path in sorted(CORE.rglob("*.py")) if path != CORE / "__init__.py"]
WALLED = [path for path in SOURCES if package_of(path) not in WIRING]


@pytest.mark.parametrize("path", WALLED, ids=lambda path: str(path.relative_to(CORE)))
def test_module_imports_what_its_package_may(path: Path) -> None:
    package = package_of(path)
    allowed = MAY_IMPORT[package] | {"rightsdesk", f"rightsdesk.{package}"}
    assert [(line, name) for line, name in imports_of(path) if name not in allowed] == []


def test_only_functions_import_what_wires() -> None:
    assert {package_of(path) for path in SOURCES if path not in WALLED} == WIRING
    for path in WALLED:
        assert not {f"rightsdesk.{name}" for name in WIRING} & {name for _, name in imports_of(path)}, path.name


def test_a_service_calls_no_other_service() -> None:
    for path in sorted((CORE / "services").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [module for module in modules if module.startswith("rightsdesk.services")], path.name


@pytest.mark.parametrize("path", sorted(ROOT.glob("functions/*/*.py")), ids=lambda path: path.parent.name)
def test_a_function_wires_and_nothing_more(path: Path) -> None:
    assert path.name == "app.py", "what a function does is in services; app.py alone builds and calls it"
    libraries = {name for _, name in imports_of(path) if not name.startswith("rightsdesk.")}
    assert libraries <= {"aws_lambda_powertools", "pydantic"}


def test_nothing_that_ships_knows_the_local_stack() -> None:
    for path in [*SOURCES, *ROOT.glob("functions/*/*.py")]:
        assert not {"local", "tests", "tools", "moto"} & {name for _, name in imports_of(path)}, path


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    """pyarrow is on one function only, and costs 100 ms: never at the top of a module that others import."""
    for path in SOURCES:
        if any(module.split(".")[0] == "pyarrow" for module in imported_at_the_top(path)):
            ours = "rightsdesk." + ".".join(path.relative_to(CORE).with_suffix("").parts)
            assert [other.name for other in SOURCES if ours in imported_at_the_top(other)] == []


def imported_at_the_top(path: Path) -> set[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    plain = {alias.name for node in body if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in body if isinstance(node, ast.ImportFrom)}


def test_the_wall_itself_would_notice(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def f():\n    import boto3.session\n    from rightsdesk import adapters\n", encoding="utf-8")
    assert list(imports_of(module)) == [(2, "boto3"), (3, "rightsdesk.adapters")]
