"""The steps of ours after `sam build`: bytecode for every module, and a check that says what is wrong."""

import marshal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure.deployed_template import ROOT
from tools import check_build

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A package as `sam build` leaves it: without bytecode."""
    for name in ("CoreLayer/python/rightsdesk/domain/request.py", "CloseRequestFunction/app.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("def answer():\n    return 42\n", encoding="utf-8")
    return tmp_path


def compile_bytecode(build: Path) -> int:
    command = [sys.executable, str(ROOT / "tools/compile_bytecode.py"), str(build)]
    return subprocess.run(command, check=False, capture_output=True).returncode


def found(build: Path) -> list[str]:
    return [finding for folder in sorted(build.iterdir()) for finding in check_build.bytecode_findings(folder, VERSION)]


def test_missing_bytecode_is_named_module_by_module(build: Path) -> None:
    assert found(build) == [
        f"CloseRequestFunction/app.py has no bytecode for Python {VERSION}",
        f"CoreLayer/python/rightsdesk/domain/request.py has no bytecode for Python {VERSION}",
    ]


def test_after_compiling_nothing_is_missing(build: Path) -> None:
    assert compile_bytecode(build) == 0
    assert found(build) == []


def test_bytecode_of_another_python_does_not_count(build: Path) -> None:
    compile_bytecode(build)
    assert list(check_build.bytecode_findings(build / "CoreLayer", "3.99"))


def test_bytecode_that_compares_times_is_refused(build: Path) -> None:
    """Lambda's unpacked files have other times than the ones compiled: Python would compile again."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(build)], check=True)
    assert len(found(build)) == 2
    assert "compared with its source" in found(build)[0]


def test_bytecode_from_a_working_tree_is_replaced(build: Path) -> None:
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(build)], check=True)
    assert compile_bytecode(build) == 0
    assert found(build) == []


def test_tracebacks_show_where_the_code_is_on_lambda(build: Path) -> None:
    compile_bytecode(build)
    shown = {marshal.loads(path.read_bytes()[16:]).co_filename for path in build.rglob("*.pyc")}  # noqa: S302 # our own
    assert shown == {"/var/task/app.py", "/opt/python/rightsdesk/domain/request.py"}


def test_a_module_that_does_not_compile_stops_the_build(build: Path) -> None:
    (build / "CoreLayer/python/broken.py").write_text("def (:\n", encoding="utf-8")
    assert compile_bytecode(build) == 1


def test_the_weight_of_a_function_includes_its_layers(build: Path) -> None:
    (build / "ColumnarLayer").mkdir()
    (build / "ColumnarLayer/library.so").write_bytes(b"x" * 1000)
    template = {
        "Globals": {"Function": {"Layers": [{"Ref": "CoreLayer"}]}},
        "Resources": {
            "Plain": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "CloseRequestFunction"}},
            "Heavy": {
                "Type": "AWS::Serverless::Function",
                "Properties": {"CodeUri": "CloseRequestFunction", "Layers": [{"Ref": "ColumnarLayer"}]},
            },
        },
    }
    plain, heavy = check_build.weights(build, template)
    assert plain[2] == check_build.PLAIN_LIMIT < heavy[2] == check_build.COLUMNAR_LIMIT < check_build.LAMBDA_LIMIT
    assert heavy[1] - plain[1] == 1000
