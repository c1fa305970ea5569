"""What a start and a large request may cost, as far as it does not jitter: modules, memory. `make bench` has the rest.

Numbers of AWS calls are held by tests/integration/test_aws_calls.py, bytecode and bytes by tools/check_build.py.
"""

from pathlib import Path

import pytest

from tests.benchmarks.measuring import MIB, ROOT, child
from tests.support.shipped import INSTALLED

CORE = ROOT / "layers/core/python"
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/app.py"))
BUILDERS = {"build_export", "email_intake", "tell_recipients"}  # they do more than one thing
DOORS = {"public_api", "public_site", "consent_site", "staff_api", "shop_api", "opendsr"}

# A plain boto3 client alone has about 400 modules.
MOST_MODULES = {"door": 750, "builder": 620, "worker": 555}

# What costs most to import -> the functions that can't do without it.
ONLY = {
    "boto3": set(),  # its clients are botocore's; it brings the transfer of files
    "s3transfer": set(),
    "aws_xray_sdk": set(),
    "pyarrow": set(),  # loaded where a source holds Parquet
    "holidays": set(),  # the table of holidays is ours
    "email_validator": set(),  # loaded with the first address
    "sqlite3": {"collect_data", "correct_data", "plan_erasure", "erase_data", "search_again", "tell_recipients"},
    "jinja2": {"public_site", "consent_site", "build_export"},  # a letter loads it when it is written
    "babel": {"build_export"},
    "itsdangerous": {"public_site"},
    "rightsdesk.domain.datamap": {
        *("request_decision", "collect_data", "build_export", "correct_data"),
        *("plan_erasure", "request_confirmation", "erase_data", "search_again", "certify_erasure", "end_retention"),
        *("tell_recipients", "stop_use"),
    },
    "rightsdesk.web.openapi": set(),
    "aws_lambda_powertools.event_handler": DOORS,
    "aws_lambda_powertools.utilities.idempotency": set(),
}


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """Function -> the modules that are there when it is ready for its first event."""
    code = "import json, sys, app; print(json.dumps(sorted(sys.modules)))"
    return {name: set(child(code, paths=[ROOT / "functions" / name, CORE, INSTALLED]).result) for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_imports_few_modules(imported: dict[str, set[str]], name: str) -> None:
    kind = "door" if name in DOORS else "builder" if name in BUILDERS else "worker"
    assert len(imported[name]) <= MOST_MODULES[kind]


@pytest.mark.parametrize("module", sorted(ONLY))
def test_what_is_slow_to_import_is_imported_where_it_is_needed(imported: dict[str, set[str]], module: str) -> None:
    assert {name for name, modules in imported.items() if module in modules} <= ONLY[module]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], dict[str, int]]:
    """(what is done, rows) -> bytes: `growth` from the first row on, and `peak`."""
    folder: Path = tmp_path_factory.mktemp("rows")
    found = {}
    for rows in (10_000, 50_000):
        for work in ("collect", "export"):  # the second packs what the first has collected
            file = str(folder / str(rows))
            code = f"from tests.benchmarks.million_rows import main; main({work!r}, {rows}, {file!r})"
            found[work, rows] = child(code, paths=[CORE, ROOT, INSTALLED]).result
    return found


@pytest.mark.parametrize("work", ["collect", "export"])
def test_memory_does_not_grow_with_the_person(memory: dict[tuple[str, int], dict[str, int]], work: str) -> None:
    few, many = memory[work, 10_000], memory[work, 50_000]
    assert many["growth"] <= 48 * MIB
    assert many["peak"] <= 1.2 * few["peak"]


def test_the_list_names_modules_that_exist() -> None:
    for module in ONLY:
        if module.startswith("rightsdesk."):
            assert (CORE / f"{module.replace('.', '/')}.py").exists(), module


def test_memory_does_not_grow_with_what_is_erased_of_a_person(tmp_path: Path) -> None:
    found = {}
    for records in (400, 6_000):
        folder = str(tmp_path / str(records))
        code = f"from tests.benchmarks.many_records import main; main('erase', {records}, {folder!r})"
        found[records] = child(code, paths=[CORE, ROOT, INSTALLED]).result
    few, many = found[400], found[6_000]
    assert many["growth"] <= 24 * MIB
    assert many["peak"] <= 1.2 * few["peak"]
    # 3,000 orders, 3,000 lines and a member: read and written a hundred at a time.
    assert many["writes"] == 61
    assert many["batches"] <= 2 * 61 + 3
