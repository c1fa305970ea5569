"""A merchant who asks for no consent has no consents.yaml: commands do without, as the functions do."""

# serves: B-3, P-11

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from local.commands import campaign, consents
from tests.support.desk import MERCHANT
from tests.unit.local.deployed_stack import HERE, OUTPUTS, aws, deploy


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with aws(monkeypatch):
        deploy(*OUTPUTS)
        yield


@pytest.fixture
def merchant(tmp_path: Path) -> tuple[str, str]:
    copytree(MERCHANT, tmp_path / "merchant", ignore=ignore_patterns("consents.yaml"))
    return "--merchant", str(tmp_path / "merchant")


def test_campaigns_are_listed(merchant: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.run(["list", *HERE, *merchant]) == 0
    assert capsys.readouterr().out == "There is no campaign.\n"


def test_none_asks_for_a_consent_without_words(merchant: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.run(["start", "--purpose", "surveys", *HERE, *merchant]) == 1
    assert "text_version" in capsys.readouterr().err


def test_what_is_on_record_is_told(merchant: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert consents.run(["--email", "hanako@example.jp", *HERE, *merchant]) == 0
    assert "Nothing is on record." in capsys.readouterr().out
