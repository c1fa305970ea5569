"""The register in the table of persons: one item, one reading, all identifiers of a person or none, and no end."""

from datetime import UTC, datetime

import pytest

from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.domain.consent_ledger import ConsentAct, ConsentChannel, ConsentState, new_record_id
from rightsdesk.domain.consenting import with_consent_given
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.permission import Standing, Stop, StopKind
from rightsdesk.ports.permissions import change_consents, change_standings
from tests.support.stack import PlayedStack, calls_of, together

NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)


@pytest.fixture
def register(stack: PlayedStack) -> DynamoPermissions:
    return DynamoPermissions(stack.local.ref("PeopleTable"), stack.client("dynamodb"))


def stop(number: int = 1, *purposes: str) -> Stop:
    return Stop(id=f"case:{number}", kind=StopKind.OBJECTED, purposes=purposes, rule="GDPR-21-3", since=NOW)


def test_it_is_read_as_it_was_written_by_one_reading(register: DynamoPermissions, stack: PlayedStack) -> None:
    assert register.find("nobody") is None
    (written,) = change_standings(register, ["one"], lambda standing: standing.with_stop(stop(1, "promotion")))
    with calls_of(stack.client("dynamodb")) as calls:
        found = register.find("one")
    assert found == written.model_copy(update={"version": 1})
    assert calls == ["GetItem"]
    items = stack.client("dynamodb").scan(TableName=stack.local.ref("PeopleTable"))["Items"]
    assert not [item for item in items if item["pk"]["S"] == "PERMISSIONS#one" and "expires_at" in item]


def test_all_identifiers_change_or_none(register: DynamoPermissions) -> None:
    change_standings(register, ["left", "right"], lambda standing: standing.with_stop(stop()))
    right = register.find("right")
    assert right is not None
    with pytest.raises(ConflictError):
        register.save([Standing(digest="left"), right.with_stop(stop(2))])
    assert register.find("right") == right


def test_whoever_was_slower_looks_again(register: DynamoPermissions) -> None:
    def add(number: int) -> None:
        change_standings(register, ["busy", "busier"], lambda standing: standing.with_stop(stop(number)))

    results = together(*(lambda number=number: add(number) for number in range(4)))
    assert results == [None] * 4
    for digest in ("busy", "busier"):
        found = register.find(digest)
        assert found is not None
        assert {each.id for each in found.stops} == {f"case:{number}" for number in range(4)}
        assert found.version == 4


EXPRESSIONS = ("#pk", ":seen", "x' OR '1'='1", "version = :seen OR attribute_exists(pk)", '{"S": "x"}', "SET a = :b")


def test_a54_what_was_said_and_by_what_proof_is_data_whatever_it_looks_like(register: DynamoPermissions) -> None:
    change_standings(register, ["bystander"], lambda standing: standing.with_stop(stop()))
    bystander = register.find("bystander")
    for number, text in enumerate(EXPRESSIONS):
        act = ConsentAct(
            record_id=new_record_id(),
            at=NOW,
            state=ConsentState.GIVEN,
            purpose=text,
            channel=ConsentChannel.SHOP,
            text_version=text,
            text_sha256="0" * 64,
            language="en",
            proof=text,
            recipients=(text,),
        )
        digest = f"odd-{number}"
        (standing,) = change_consents(register, [digest], lambda now, act=act: with_consent_given(now, act))  # type: ignore[misc]
        assert register.find(digest) == standing.model_copy(update={"version": 1})
        (entry,) = register.ledger(digest)
        assert (entry.purpose, entry.proof, entry.recipients) == (text, text, (text,))
        assert register.find(text) is None
        assert register.ledger(text) == ()
    assert register.find("bystander") == bystander
