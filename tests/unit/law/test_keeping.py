"""An objection is weighed purpose by purpose (GDPR 21(1)): all fields of one stay in use, or none, and with reasons."""

from collections.abc import Mapping

import pytest

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.request import Aim, PrivacyRequest, RequestType
from rightsdesk.domain.use_stop import UseStop
from rightsdesk.law.decisions import decide_fields
from rightsdesk.law.keeping import Weighed, require_weighed, weighed_purposes
from rightsdesk.law.permission_terms import terms_of
from rightsdesk.law.stopping import going_on_with, stops_of
from tests.support.cases import new_case
from tests.unit.domain import maps

LABEL = {"en": "For something", "ja": "何か"}
PURPOSES = {"service": "contract", "fraud": "legitimate_interests", "study": "legitimate_interests"}
# of `shop/things`, all held on an interest -> what it is used for
FIELDS = {
    "score": ("fraud",),
    "device": ("fraud", "study"),
    "clicks": ("study",),
    "visits": ("study", "service"),
    "parcel": ("service",),
}
WHY = "Three orders on invoice were not paid."
GROUND = "gdpr_21_1"


def shop() -> DataMap:
    held = maps.source("dynamodb", things=maps.table("email", identity=True))
    held["collections"]["things"]["fields"] |= {
        name: maps.field(basis="legitimate_interests", purposes=list(purposes)) for name, purposes in FIELDS.items()
    }
    raw = maps.written("email", shop=held)
    raw["purposes"] = {name: {"clause": "P-02", "basis": basis, "label": LABEL} for name, basis in PURPOSES.items()}
    return maps.data_map(raw)


def objection(**aim: object) -> PrivacyRequest:
    case, _ = new_case(types=(RequestType.OBJECTION,))
    case = case.model_copy(update={"aim": Aim.model_validate({"objects_to": "other"} | aim)})
    stops = stops_of(case, terms_of(shop()), at=case.received_at)
    return case.model_copy(update={"use": UseStop(stops=stops, stopped_at=case.received_at)})


def weigh(case: PrivacyRequest, kept: str, reasons: Mapping[str, str]) -> Weighed:
    decisions = decide_fields(case.types, shop(), case.due.laws, case.aim)
    stays = {f"shop/things.{name}": GROUND for name in kept.split()}
    return require_weighed(case, decisions, stays, reasons, data_map=shop)


def test_a_field_is_weighed_for_what_is_stopped_meanwhile_else_for_all_that_it_is_used_for() -> None:
    case = objection()
    decisions = decide_fields(case.types, shop(), case.due.laws, case.aim)
    expected = FIELDS | {"visits": ("study",)}
    assert weighed_purposes(case, decisions, shop()) == {f"shop/things.{name}": of for name, of in expected.items()}


@pytest.mark.parametrize(
    ("kept", "going_on"),
    [
        ("", ()),
        ("score device", ("fraud",)),
        ("device clicks visits", ("study",)),
        ("score device clicks visits", ("fraud", "study")),
        ("parcel", ("service",)),
        ("score device parcel", ("fraud", "service")),
    ],
)
def test_whole_purposes_are_gone_on_with(kept: str, going_on: tuple[str, ...]) -> None:
    """A field that two of them need stays for the one of which all stay, and the other stays stopped."""
    case = objection()
    weighed = weigh(case, kept, dict.fromkeys(going_on, WHY))
    assert set(weighed.kept) == {f"shop/things.{name}" for name in kept.split()}
    assert weighed.reasons == dict.fromkeys(going_on, WHY)
    assert case.use is not None
    in_register = going_on_with(case.model_copy(update=weighed._asdict()), case.use)
    assert in_register == tuple(name for name in going_on if name != "service"), "a contract is not stopped"


@pytest.mark.parametrize(
    ("kept", "reasons", "problems"),
    [
        ("score", {"fraud": WHY}, ["kept.shop/things.device: whole_purpose"]),
        ("score", {}, ["reasons.fraud: missing", "kept.shop/things.device: whole_purpose"]),
        ("score device", {}, ["reasons.fraud: missing"]),
        (
            "device",
            {},
            [
                *("reasons.fraud: missing", "reasons.study: missing"),
                *(f"kept.shop/things.{name}: whole_purpose" for name in ("score", "clicks", "visits")),
            ],
        ),
        (
            "score device clicks",
            {"fraud": WHY},
            ["reasons.study: missing", "kept.shop/things.visits: whole_purpose"],
        ),
        ("score device clicks visits", {"study": WHY}, ["reasons.fraud: missing"]),
        ("score device", {"fraud": WHY, "parcels": WHY}, ["reasons.parcels: not_kept"]),
        ("score device", {"fraud": WHY, "service": WHY}, ["reasons.service: not_kept"]),
        ("", {"fraud": WHY}, ["reasons.fraud: not_kept"]),
        ("score device", {"fraud": "-"}, ["reasons.fraud: too_short"]),
        ("score device", {"fraud": " "}, ["reasons.fraud: missing"]),
        ("score device", {"fraud": "x y z " * 200}, ["reasons.fraud: too_long"]),
    ],
)
def test_a_part_of_a_purpose_or_no_reasons_are_refused(kept: str, reasons: dict[str, str], problems: list[str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        weigh(objection(), kept, reasons)
    assert [f"{problem.field}: {problem.reason}" for problem in refused.value.problems] == problems


def test_of_an_objection_to_one_purpose_only_what_serves_nothing_else_is_weighed() -> None:
    weighed = weigh(objection(purposes=("fraud",)), "score", {"fraud": WHY})
    assert set(weighed.kept) == {"shop/things.score"}


def test_no_other_right_is_weighed_by_purposes() -> None:
    case, _ = new_case(types=(RequestType.ERASURE,))
    decisions = decide_fields(case.types, shop(), case.due.laws)
    kept = {"shop/things.score": "appi_35_lawful"}

    def never() -> DataMap:
        raise AssertionError("the data map is not read for nothing")

    assert require_weighed(case, decisions, kept, data_map=never) == Weighed(kept, {})
    with pytest.raises(InvalidInputError, match=r"reasons\.fraud: not_kept"):
        require_weighed(case, decisions, kept, {"fraud": WHY}, data_map=never)
