"""Every refusal has a code of its own, and the page for staff says what each is."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rightsdesk.domain import errors
from rightsdesk.domain.errors import ConflictError, MailRejectedError, RightsdeskError

ROOT = Path(__file__).parents[3]
CORE = ROOT / "layers/core/python/rightsdesk"
PAGE = (ROOT / "docs/staff-api.md").read_text("utf-8")

# What other doors and the workflow refuse.
NOT_FOR_STAFF = {"lifted_untold", "withdrawn_since", "nothing_asked", "moved_on"}
# Where two are at it in the same moment; and what tasks of the workflow, which try again by this name, a person or
# another machine is told.
WITHOUT_A_CODE_OF_ITS_OWN = {
    *("adapters/dynamo_items.py", "adapters/idempotency.py", "services/record_delivery.py"),
    *("domain/lifecycle.py", "domain/request.py", "domain/review.py", "domain/erasure_review.py"),
    *("services/send_answer.py", "services/begin_erasure.py", "services/erase_person.py"),
    *("services/correct_data.py", "services/stop_use.py"),
    *("services/submit_evidence.py", "services/notice_by_mail.py"),
    *("domain/instruction.py", "domain/campaign.py", "services/start_campaign.py"),
}


def kinds(root: type[RightsdeskError]) -> Iterator[type[RightsdeskError]]:
    yield root
    for kind in root.__subclasses__():
        yield from kinds(kind)


def test_each_error_has_a_code_of_its_own_and_is_in_the_tree() -> None:
    ours = [kind for kind in kinds(RightsdeskError) if kind.__module__ == errors.__name__]
    assert [code for code, times in Counter(kind.code for kind in kinds(ConflictError)).items() if times > 1] == []
    for kind in ours:
        assert re.search(rf"\b{kind.__name__}\b", errors.__doc__ or ""), kind


def test_the_page_for_staff_says_what_each_refusal_means() -> None:
    table = PAGE.partition("## Why a call is refused")[2].partition("\n## ")[0]
    named = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    codes = [code for cell in named for code in re.findall("`(\\w+)`", cell)]
    assert len(codes) == len(set(codes))
    refused: list[type[RightsdeskError]] = [*kinds(ConflictError), MailRejectedError]
    assert set(codes) == {kind.code for kind in refused} - NOT_FOR_STAFF


def test_nothing_that_staff_may_ask_for_is_refused_by_a_code_that_says_nothing() -> None:
    bare = {
        str(path.relative_to(CORE)) for path in CORE.rglob("*.py") if "raise ConflictError(" in path.read_text("utf-8")
    }
    assert bare == WITHOUT_A_CODE_OF_ITS_OWN
