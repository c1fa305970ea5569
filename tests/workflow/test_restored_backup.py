"""A backup of the shop is restored after an erasure that ran to its end, and the operator erases again."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import shop
from local.cli import main
from local.running import RunningStack
from local.shop.tables import NAMES
from rightsdesk.domain.audit import verify_chain
from tests.support.shop_contents import shop_contents
from tests.support.stack import PlayedStack, played_stack

MEMBERS, SEED = 12, 7


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedStack]:
    with played_stack(members=MEMBERS, seed=SEED) as booted:
        monkeypatch.chdir(tmp_path)
        RunningStack(pid=os.getpid(), url=booted.local.url).save()
        yield booted


def test_the_seed_is_restored_and_who_was_erased_stays_erased(
    stack: PlayedStack, capsys: pytest.CaptureFixture[str]
) -> None:
    since = stack.now.date().isoformat()
    seeded_at = stack.now
    shop.seed(stack.local.clients.session, NAMES, members=MEMBERS, seed=SEED, now=seeded_at)
    hanako = stack.to_approval("hanako@example.jp", name="佐藤 花子", country="JP", language="ja")
    stack.erase(hanako, {})
    maria = stack.to_approval("maria@example.de", name="Maria Schneider", country="DE", language="en")
    stack.erase(maria, {})
    erased = shop_contents(stack)

    shop.seed(stack.local.clients.session, NAMES, members=MEMBERS, seed=SEED, now=seeded_at)  # the backup
    assert shop_contents(stack) != erased
    capsys.readouterr()
    assert main(["replay-erasures", "--since", since, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["people"] == sorted([hanako.reference, maria.reference])
    assert shop_contents(stack) == erased, "as after the erasure, for them and for everybody else"
    for case in (hanako, maria):
        events = stack.cases.timeline(stack.stored(case).request_id)
        assert [event.type for event in events][-2:] == ["restored_found", "erased_again"]
        assert stack.staff_view(case)["status"] == "closed"
        assert verify_chain(events) is None
    stack.local.settle()
    assert main(["replay-erasures", "--since", since]) == 0
    assert "0 people erased again" in capsys.readouterr().out
