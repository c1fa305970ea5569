"""A refusal is made of all that the law wants in it, or not at all (GDPR 12(4), 77, 79; APPI 36, 39; abuse case 82)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.collecting import CollectionResult, SourceState
from rightsdesk.domain.errors import RefusalIncompleteError
from rightsdesk.domain.letters import Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SAID_TO_US, PrivacyRequest, Refusal, RequestType, Treatment, Withholding
from rightsdesk.law.applicability import Law, laws_for
from rightsdesk.law.authorities import authority_for
from rightsdesk.law.countries import EEA, PART_OF
from rightsdesk.law.held_back import HeldBack, held_back
from rightsdesk.law.refusal import Element, compile_partial_refusal, compile_refusal
from rightsdesk.law.refusal_grounds import (
    NOT_THE_SUBJECT,
    REFUSAL_GROUNDS,
    UNFOUNDED_OR_EXCESSIVE,
    ground_words,
    grounds_for,
    rules_of_ground,
)
from rightsdesk.law.remedies import may_sue_in_japan, remedies_of
from rightsdesk.law.rules import cited
from tests.support.cases import new_case
from tests.support.desk import merchant, shop_map

Type = RequestType
ERASURE_AND_STOP = {
    *("gdpr_11_2", "gdpr_12_5", "gdpr_17_1", "gdpr_17_3_a", "gdpr_17_3_b", "gdpr_17_3_c", "gdpr_17_3_d", "gdpr_17_3_e"),
    *("appi_35_alternative", "appi_35_lawful", "not_the_subject"),
}
TYPES = [(kind,) for kind in Type if kind not in SAID_TO_US] + [(Type.ACCESS, Type.PORTABILITY)]


def a_case(country: str = "IE", *, seat: str = "JP", region: str | None = None, **changes: Any) -> PrivacyRequest:
    case, _ = new_case(country=country, region=region, **changes)
    laws = tuple(str(law) for law in laws_for(country, controller_country=seat))
    return case.model_copy(update={"due": case.due.model_copy(update={"laws": laws})})


def a_merchant(**changes: Any) -> MerchantProfile:
    return merchant().model_copy(update=changes)


def a_refusal(ground: str, reason: str = "The letter is another customer's.") -> Refusal:
    return Refusal(ground=ground, reason=reason, by="sub-1")


# Grounds


@pytest.mark.parametrize(
    ("laws", "types", "grounds"),
    [
        (["gdpr"], [Type.ACCESS], "gdpr_11_2 gdpr_12_5 gdpr_15_4 not_the_subject"),
        (["gdpr"], [Type.PORTABILITY], "gdpr_11_2 gdpr_12_5 gdpr_20_1 gdpr_20_4 not_the_subject"),
        (["gdpr"], [Type.RECTIFICATION], "gdpr_11_2 gdpr_12_5 gdpr_16 not_the_subject"),
        (
            ["gdpr"],
            [Type.ERASURE],
            "gdpr_11_2 gdpr_12_5 gdpr_17_1 gdpr_17_3_a gdpr_17_3_b gdpr_17_3_c gdpr_17_3_d gdpr_17_3_e not_the_subject",
        ),
        (["gdpr"], [Type.RESTRICTION], "gdpr_11_2 gdpr_12_5 gdpr_18_1 not_the_subject"),
        (["gdpr"], [Type.OBJECTION], "gdpr_12_5 gdpr_21_1 not_the_subject"),
        (["gdpr"], [Type.AUTOMATED_DECISION], "gdpr_12_5 gdpr_22_1 not_the_subject"),
        (["gdpr"], [Type.CONSENT_WITHDRAWAL], "gdpr_7_3 not_the_subject"),
        (["gdpr"], [Type.INFORMATION], "gdpr_12_5 gdpr_13_4"),
        (["appi"], [Type.ACCESS], "appi_33_2_i appi_33_2_ii appi_33_2_iii not_the_subject"),
        (["appi"], [Type.PROVISION_RECORDS], "appi_33_2_i appi_33_2_ii appi_33_2_iii not_the_subject"),
        (["appi"], [Type.RECTIFICATION], "appi_34 not_the_subject"),
        (["appi"], [Type.ERASURE], "appi_35_alternative appi_35_lawful not_the_subject"),
        (["appi"], [Type.RESTRICTION], "appi_35_alternative appi_35_lawful not_the_subject"),
        (["appi"], [Type.STOP_PROVISION], "appi_35_alternative appi_35_lawful not_the_subject"),
        (["appi"], [Type.PURPOSE_NOTICE], "appi_32_2_i appi_32_2_ii not_the_subject"),
        (["appi"], [Type.INFORMATION], "appi_32_1"),
        # of two laws the stricter, and where one of them does not know the right the other
        (["gdpr", "appi"], [Type.ACCESS], "gdpr_11_2 gdpr_12_5 gdpr_15_4 not_the_subject"),
        (["appi", "gdpr"], [Type.ERASURE, Type.STOP_PROVISION], " ".join(sorted(ERASURE_AND_STOP))),
        (["gdpr", "appi"], [Type.PORTABILITY], "gdpr_11_2 gdpr_12_5 gdpr_20_1 gdpr_20_4 not_the_subject"),
        (["gdpr", "appi"], [Type.STOP_PROVISION], "appi_35_alternative appi_35_lawful not_the_subject"),
        # one right of two is known to the law
        (["appi"], [Type.ACCESS, Type.PORTABILITY], "appi_33_2_i appi_33_2_ii appi_33_2_iii not_the_subject"),
        # none is: it is our own promise
        (["appi"], [Type.PORTABILITY], "gdpr_11_2 gdpr_12_5 gdpr_20_1 gdpr_20_4 not_the_subject"),
        (["promise"], [Type.INFORMATION], "gdpr_12_5 gdpr_13_4"),
        (["gdpr", "appi"], [Type.INFORMATION], "gdpr_12_5 gdpr_13_4"),
        (["promise"], [Type.ACCESS], "gdpr_11_2 gdpr_12_5 gdpr_15_4 not_the_subject"),
        (["promise"], [Type.PURPOSE_NOTICE], "appi_32_2_i appi_32_2_ii not_the_subject"),
    ],
)
def test_each_right_has_the_grounds_that_its_law_gives(laws: list[str], types: list[Type], grounds: str) -> None:
    assert " ".join(sorted(grounds_for(laws, types))) == grounds


@pytest.mark.parametrize("kind", sorted(set(Type) - SAID_TO_US))
def test_every_right_can_be_answered_with_a_ground_under_any_law(kind: Type) -> None:
    for law in Law:
        assert grounds_for([law], [kind])
    assert set(REFUSAL_GROUNDS[Law.PROMISE]) == set(Type)


def test_a_withdrawn_consent_is_never_excessive_and_what_is_public_is_for_all() -> None:
    assert UNFOUNDED_OR_EXCESSIVE not in grounds_for(Law, [Type.CONSENT_WITHDRAWAL])
    assert NOT_THE_SUBJECT not in grounds_for(Law, [Type.INFORMATION])


@pytest.mark.parametrize(
    ("ground", "laws", "rules"),
    [
        ("gdpr_13_4", ["gdpr"], ("GDPR-13-4",)),
        ("gdpr_16", ["gdpr", "appi"], ("GDPR-16",)),
        ("gdpr_17_1", ["gdpr"], ("GDPR-17-1",)),
        ("gdpr_17_3_e", ["gdpr"], ("GDPR-17-3-e",)),
        ("gdpr_20_1", ["gdpr"], ("GDPR-20-1",)),
        ("gdpr_22_1", ["gdpr"], ("GDPR-22-1",)),
        ("appi_32_1", ["appi"], ("APPI-32-1",)),
        ("appi_32_2_i", ["appi"], ("APPI-32-2-i",)),
        ("appi_32_2_ii", ["appi"], ("APPI-32-2-ii",)),
        ("appi_35_lawful", ["gdpr", "appi"], ("APPI-35",)),
        ("appi_35_alternative", ["appi"], ("APPI-35-2",)),
        ("not_the_subject", ["gdpr", "appi"], ("GDPR-4-1",)),
        ("not_the_subject", ["appi"], ("APPI-37",)),
        # under our own promise, as the law does that knows the right
        ("not_the_subject", ["promise"], ("POLICY-PROMISED-RIGHTS", "GDPR-4-1")),
        ("gdpr_20_4", ["appi"], ("POLICY-PROMISED-RIGHTS", "GDPR-20-4")),
        ("gdpr_15_4", ["promise"], ("POLICY-PROMISED-RIGHTS", "GDPR-15-4")),
    ],
)
def test_each_ground_stands_for_a_rule(ground: str, laws: list[str], rules: tuple[str, ...]) -> None:
    assert rules_of_ground(ground, laws) == rules


def test_every_ground_has_a_rule_of_the_register_and_what_is_none_has_none() -> None:
    for law, rights in REFUSAL_GROUNDS.items():
        for ground in frozenset().union(*rights.values()):
            rules = rules_of_ground(ground, [law])
            assert len(cited(rules)["rule_versions"]) == len(rules)  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        rules_of_ground("gdpr_99", ["gdpr"])


# The whole


def said(phrase: Phrase) -> dict[str, Any]:
    """Every value of a phrase and of those in it, and under `names` which there are."""
    found: dict[str, Any] = {"names": {phrase.name}}
    for name, value in phrase.values.items():
        if isinstance(value, Phrase):
            inner = said(value)
            names = found["names"] | inner.pop("names")
            found |= inner | {"names": names}
        else:
            found[name] = value
    return found


@given(
    country=st.sampled_from(sorted({*EEA, *PART_OF, "JP", "US", "GB", "BR"})),
    seat=st.sampled_from(["JP", "IE", "DE", "US"]),
    types=st.sampled_from(TYPES),
    reason=st.text(min_size=1).filter(str.strip),
    data=st.data(),
)
def test_a82_whatever_is_refused_says_ground_reasons_and_where_to_turn(
    country: str, seat: str, types: tuple[Type, ...], reason: str, data: st.DataObject
) -> None:
    case = a_case(country, seat=seat, types=types)
    ground = data.draw(st.sampled_from(sorted(grounds_for(case.due.laws, types))))
    values = compile_refusal(case, a_refusal(ground, reason), a_merchant(country=seat))
    assert values["ground"] == ground_words(ground, case.due.laws)
    assert values["reason"] == reason
    assert values["granted"] == (Phrase(name="refusal.nothing_granted"),)
    turn_to = said(values["remedies"])
    if "gdpr" in case.due.laws:
        authority = authority_for(country) if laws_for(country, controller_country="US")[0] == "gdpr" else None
        assert (turn_to["authority"], turn_to["web"]) == (
            (authority or authority_for(seat)).name,  # type: ignore[union-attr]
            (authority or authority_for(seat)).web,  # type: ignore[union-attr]
        )
        assert "remedies.gdpr" in turn_to["names"]
    if "appi" in case.due.laws:
        assert (turn_to["phone"], turn_to["contact"]) == ("03-6457-9849", "privacy@shop.example")
        assert ("remedies.appi" if may_sue_in_japan(types) else "remedies.appi_no_claim") in turn_to["names"]
    if case.due.laws == ("promise",):
        assert turn_to == {"names": {"remedies.promise"}, "contact": "privacy@shop.example"}


def missing(case: PrivacyRequest, refusal: Refusal, of: MerchantProfile) -> set[str]:
    with pytest.raises(RefusalIncompleteError) as refused:
        compile_refusal(case, refusal, of)
    assert [problem.reason for problem in refused.value.problems] == ["missing"] * len(refused.value.elements)
    return set(refused.value.elements)


@pytest.mark.parametrize("country", ["IE", "JP", "US"])
def test_a82_every_element_that_is_missing_is_named(country: str) -> None:
    case = a_case(country)
    ground = sorted(grounds_for(case.due.laws, case.types))[0]
    for reason in ("", " \n\t"):
        assert missing(case, a_refusal(ground, reason), a_merchant()) == {Element.REASONS}
    for other in ("", "gdpr", "gdpr_17_3_b", "appi_34"):
        assert missing(case, a_refusal(other), a_merchant()) == {Element.GROUND}
    for contact in ("", " "):
        assert missing(case, a_refusal(ground), a_merchant(contact_email=contact)) == {Element.COMPLAINT_DESK}
    assert missing(case, a_refusal("", ""), a_merchant(contact_email="")) == {
        Element.REASONS,
        Element.GROUND,
        Element.COMPLAINT_DESK,
    }


@pytest.mark.parametrize(
    ("laws", "elements"),
    [
        (("gdpr",), {Element.AUTHORITY, Element.JUDICIAL_REMEDY}),
        (("gdpr", "promise"), {Element.AUTHORITY, Element.JUDICIAL_REMEDY, Element.COMPLAINT_DESK}),
    ],
)
def test_a82_where_a_law_holds_and_nobody_is_found_to_turn_to(laws: tuple[str, ...], elements: set[str]) -> None:
    """The GDPR, for somebody in the US of a merchant in the US: it can't be, and is noticed."""
    case = a_case("US")
    case = case.model_copy(update={"due": case.due.model_copy(update={"laws": laws})})
    assert missing(case, a_refusal("gdpr_15_4"), a_merchant(country="US")) == elements


def test_a_refusal_under_the_gdpr_alone_needs_no_desk() -> None:
    case = a_case("FR", seat="IE")
    assert case.due.laws == ("gdpr",)
    compile_refusal(case, a_refusal("gdpr_15_4"), a_merchant(country="IE", contact_email=""))


def test_what_was_granted_is_said() -> None:
    granted = [Phrase(name="withheld.field")]
    values = compile_refusal(a_case(), a_refusal("gdpr_15_4"), a_merchant(), granted=granted)
    assert values["granted"] == tuple(granted)


@pytest.mark.parametrize(
    ("region", "slug"), [("DE-BY", "debaylda"), ("DE-SN", "desaechsdsb"), ("DE-BB", "debfdi"), (None, "debfdi")]
)
def test_in_germany_the_authority_of_the_land_where_it_is_known(region: str | None, slug: str) -> None:
    authority = authority_for("DE", region)
    assert authority is not None
    assert authority.slug == slug
    values = compile_refusal(a_case("DE", region=region), a_refusal("gdpr_15_4"), a_merchant())
    assert said(values["remedies"])["authority"] == authority.name


def test_who_lives_elsewhere_turns_to_the_authority_of_the_merchants_state() -> None:
    case = a_case("US", seat="IE")
    values = said(remedies_of(case, a_merchant(country="IE")))
    assert values["web"] == "https://www.dataprotection.ie"


# In part

AT = datetime(2026, 11, 23, tzinfo=UTC)


def found(withheld: dict[str, int]) -> list[SourceState]:
    members = CollectionResult(rows=1, flagged=0, bytes=1, sha256="0" * 64, as_of=AT, withheld=withheld)
    return [SourceState(source="shop", status="done", at=AT, collections={"members": members})]


def lines(case: PrivacyRequest) -> list[tuple[str, str]]:
    parts = held_back(case, shop_map(), [])
    return [(part.what.name, part.ground) for part in parts if isinstance(part.what, Phrase)]


def test_where_all_is_given_nothing_is_held_back() -> None:
    assert held_back(a_case(), shop_map(), found({})) == ()
    assert lines(a_case(treatments={"shop/orders": Treatment.GIVE})) == []


@pytest.mark.parametrize(
    ("country", "types", "ground"),
    [
        ("IE", (Type.ACCESS,), "gdpr_15_4"),
        ("IE", (Type.ACCESS, Type.PORTABILITY), "gdpr_15_4"),
        ("IE", (Type.PORTABILITY,), "gdpr_20_4"),
        ("JP", (Type.ACCESS,), "appi_33_2_i"),
        ("US", (Type.ACCESS,), "gdpr_15_4"),
    ],
)
def test_what_is_about_others_is_held_back_on_the_ground_of_the_law(
    country: str, types: tuple[Type, ...], ground: str
) -> None:
    for treatment in (Treatment.WITHHOLD, Treatment.REDACT):
        case = a_case(country, types=types, treatments={"shop/orders": treatment})
        assert lines(case) == [(f"withheld.{treatment}", ground)]
        assert ground in grounds_for(case.due.laws, types)


def test_what_staff_hold_back_stands_with_their_ground_in_the_order_of_the_map() -> None:
    case = a_case(
        withheld={
            "shop/orders.text": Withholding(ground="gdpr_15_4", reason="A neighbour's words."),
            "shop/members.text": Withholding(ground="appi_33_2_ii", reason="It shows how fraud is found."),
        },
        treatments={"shop/orders": Treatment.REDACT},
    )
    assert lines(case) == [
        ("withheld.field", "appi_33_2_ii"),
        ("withheld.field", "gdpr_15_4"),
        ("withheld.redact", "gdpr_15_4"),
    ]


def test_a_partial_refusal_says_each_thing_with_its_ground_and_where_to_turn() -> None:
    case = a_case(treatments={"shop/orders": Treatment.WITHHOLD})
    parts = held_back(case, shop_map(), [])
    values = compile_partial_refusal(case, parts, a_merchant())
    (line,) = values["withheld"]
    assert (line.name, line.values["ground"]) == ("withheld.line", Phrase(name="ground.gdpr_15_4"))
    assert values["granted"] == (Phrase(name="refusal.rest_granted"),)
    assert values["remedies"] == remedies_of(case, a_merchant())


def test_a82_no_partial_refusal_without_what_ground_and_where_to_turn() -> None:
    case = a_case()
    part = HeldBack(Phrase(name="withheld.field"), "gdpr_15_4")
    for parts, of, element in (
        ((), a_merchant(), Element.REASONS),
        ((part, HeldBack(part.what, "")), a_merchant(), Element.GROUND),
        ((part,), a_merchant(contact_email=""), Element.COMPLAINT_DESK),
    ):
        with pytest.raises(RefusalIncompleteError) as refused:
            compile_partial_refusal(case, parts, of)
        assert refused.value.elements == (element,)


def test_an_article_is_the_legal_ground_only_where_its_law_holds() -> None:
    for laws in (("appi",), ("promise",)):
        assert ground_words("gdpr_15_4", laws) == Phrase(
            name="ground.promised", values={"ground": Phrase(name="ground.gdpr_15_4")}
        )
    assert ground_words("gdpr_15_4", ("gdpr", "appi")) == Phrase(name="ground.gdpr_15_4")
    assert ground_words("not_the_subject", ("promise",)) == Phrase(name="ground.not_the_subject")
    case = a_case("US", treatments={"shop/orders": Treatment.WITHHOLD})
    (line,) = compile_partial_refusal(case, held_back(case, shop_map(), []), a_merchant())["withheld"]
    assert line.values["ground"].name == "ground.promised"


def test_a82_no_partial_refusal_without_words_where_staff_hold_back() -> None:
    with pytest.raises(RefusalIncompleteError) as refused:
        compile_partial_refusal(a_case(), [HeldBack(Phrase(name="withheld.field"), "gdpr_15_4", " ")], a_merchant())
    assert refused.value.elements == (Element.REASONS,)
