"""What must be in the repository, and what must never be."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.infrastructure.deployed_template import ROOT, SHOP, deploy

PAPERS = ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "docs/cost.md", "docs/deploy.md", ".ci/run"]

# Of the machine it was written on, or of the place its packages came from.
TRACES = re.compile(
    r"(?<![\w.])/(?:root|work|home)/\w|files\.pythonhosted|--index-url|--extra-index|--find-links|https?://[\w.-]+/simple\b"
)


def tracked() -> list[Path]:
    """Files that git knows, or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("name", PAPERS)
def test_paper_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 0


def test_no_file_names_a_machine_or_the_host_of_an_index() -> None:
    guilty = {}
    for path in tracked():
        trace = TRACES.search(path.read_text(encoding="utf-8", errors="replace"))
        if trace and path != Path(__file__):
            guilty[str(path.relative_to(ROOT))] = trace[0]
    assert guilty == {}


def test_nothing_that_is_built_is_tracked() -> None:
    built = [path for path in tracked() if path.suffix == ".pyc" or ".aws-sam" in path.parts or ".venv" in path.parts]
    assert built == []


def test_deployment_names_parameters_that_exist() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    given = dict(pair.split("=", 1) for pair in config["default"]["deploy"]["parameters"]["parameter_overrides"])
    assert set(SHOP) <= set(given)
    deploy(**given)  # raises where one is unknown or not allowed


def test_the_linter_of_cloudformation_finds_nothing() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--include-checks", "I", "--", "template.yaml"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
