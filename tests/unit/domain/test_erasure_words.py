"""What the person, staff and letters are told of a plan: what stays is named once for each reason."""

from datetime import date

from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.erasing import Kept, RowChange, RowFate, RowFound
from rightsdesk.domain.erasure_plan import CollectionPlan, ErasurePlan, KeptRows, Loss, Tally
from rightsdesk.domain.erasure_words import KeptSpan, kept_shown, kept_told, loss_told, shown_plan, spans
from rightsdesk.domain.fields import Label
from rightsdesk.domain.request import RequestType
from rightsdesk.law.decisions import decide_fields
from tests.support.desk import MERCHANT, Desk
from tests.support.weighing import weighing_map

FIRST, LAST = date(2030, 5, 31), date(2034, 5, 31)
LAWS = ("gdpr", "appi")
BOOKS = [KeptRows(retention="books", until=day, rows=rows) for day, rows in ((LAST, 2), (FIRST, 3))]


def test_rows_of_one_reason_are_one_span_with_their_first_and_last_day() -> None:
    claim = KeptRows(retention="books", until=None, ground="gdpr_17_3_e", rows=1)
    unknown = KeptRows(retention="books", until=None, rows=4)
    assert spans([*BOOKS, claim, unknown]) == (
        KeptSpan("books", None, 5, FIRST, LAST),
        KeptSpan("books", "gdpr_17_3_e", 1, None, None),
        KeptSpan("books", None, 4, None, None),
    )
    assert spans([]) == ()


def test_what_stays_is_told_with_its_law_and_its_day_or_days() -> None:
    for kept, name, days in (
        (BOOKS[:1], "kept.rows", {"until": LAST}),
        (BOOKS, "kept.rows_until_days", {"first": FIRST, "until": LAST}),
        ([KeptRows(retention="books", until=None, rows=4)], "kept.rows_without_day", {}),
    ):
        (span,) = spans(kept)
        phrase = kept_told("shop/orders", span, weighing_map(), LAWS)
        assert phrase.name == name
        assert phrase.values["law"].en == "Tax Act"
        assert {key: value for key, value in phrase.values.items() if isinstance(value, date)} == days
        shown = kept_shown("shop/orders", span, weighing_map(), {}, LAWS)
        assert (shown.rows, shown.until) == (span.rows, span.until)


def test_nobody_is_told_of_a_law_that_does_not_hold_for_them() -> None:
    data_map = read_data_map(MERCHANT / "datamap.yaml")
    (span,) = spans([KeptRows(retention="consent", until=LAST, rows=1)])
    for laws, gdpr in ((("gdpr", "appi"), True), (("appi",), False), (("promise",), False), (("gdpr",), True)):
        said = kept_told("shop/members", span, data_map, laws).values["law"]
        assert said == kept_shown("shop/members", span, data_map, {}, laws).law
        assert ("GDPR" in said.en, "GDPR" in said.ja) == (gdpr, gdpr)
        assert "Electronic Mail" in said.en


def test_a_rule_of_ours_stands_where_no_law_asks_for_it() -> None:
    data_map = Desk().data_map
    name = next(iter(data_map.retention))
    (span,) = spans([KeptRows(retention=name, until=LAST, rows=1)])
    assert kept_told("shop/orders", span, data_map, LAWS).values["law"] == data_map.retention[name].label


def test_what_is_left_on_a_ground_says_the_ground_and_no_day() -> None:
    (span,) = spans([KeptRows(retention="books", until=None, ground="gdpr_17_3_e", rows=1)])
    phrase = kept_told("shop/orders", span, weighing_map(), LAWS)
    assert (phrase.name, phrase.values["ground"].name) == ("kept.rows_on_ground", "ground.gdpr_17_3_e")
    assert kept_shown("shop/orders", span, weighing_map(), {}, LAWS).ground == "gdpr_17_3_e"


def test_what_a_law_keeps_is_told_beside_the_ground_on_which_staff_keep_a_field_of_the_same_rows() -> None:
    """GDPR 12(4), 17(3): a field on a ground takes nothing from what a law says of the rows, nor from its days."""
    days = [Kept(retention="books", until=day) for day in (FIRST, LAST)]
    rows = [KeptRows(retention="account", until=None, ground="gdpr_17_3_e", then=law, rows=2) for law in days]
    law, claim = spans([*rows, KeptRows(retention="books", until=FIRST, rows=3)])
    assert law == KeptSpan("books", None, 7, FIRST, LAST)
    assert claim == KeptSpan("account", "gdpr_17_3_e", 4, None, None)
    grounds = {
        "shop/orders.basket": "gdpr_17_3_e",
        "shop/orders.text": "gdpr_17_3_a",
        "shop/members.text": "gdpr_17_3_e",
    }
    shown = kept_shown("shop/orders", claim, weighing_map(), grounds, LAWS)
    assert (shown.ground, shown.law, [label.en for label in shown.fields]) == ("gdpr_17_3_e", None, ["Basket"])
    shown = kept_shown("shop/orders", law, weighing_map(), grounds, LAWS)
    assert shown.law is not None
    assert (shown.law.en, shown.first, shown.until, shown.ground, shown.fields) == ("Tax Act", FIRST, LAST, None, ())


def test_a_collection_of_which_nothing_was_found_is_not_spoken_of() -> None:
    data_map = Desk().data_map
    plan = ErasurePlan(
        round=1,
        made_at=Desk().clock(),
        datamap_version="1",
        collections=(
            CollectionPlan(collection="shop/members", delete=1, digest="0"),
            CollectionPlan(collection="shop/orders", digest="0"),
        ),
    )
    told = shown_plan(plan, (), data_map, {}, LAWS)
    assert told.deleted == (data_map.collection("shop/members").label,)


def test_the_number_that_ties_rows_to_an_account_is_spoken_of_only_where_rows_hold_one() -> None:
    """A guest's orders are reduced as well, and never had a member number."""
    data_map = read_data_map(MERCHANT / "datamap.yaml")
    orders = data_map.collection("orders/orders")
    kept = Kept(retention="orders", until=LAST)

    def told(*removed: str) -> tuple[Label, ...]:
        tally = Tally(orders.path, orders.links)
        change = RowChange(fate=RowFate.REDUCE, remove=removed, kept=kept)
        tally.add(RowFound(collection=orders.path, place="1", before="0" * 64, change=change))
        plan = ErasurePlan(round=1, made_at=Desk().clock(), datamap_version="1", collections=(tally.plan(),))
        return shown_plan(plan, (), data_map, {}, LAWS).anonymised

    assert told("guest_email", "ship_name") == ()
    assert told("member_id", "ship_name") == (orders.label,)


def test_the_column_by_which_a_kept_row_is_found_again_is_not_said_to_be_deleted() -> None:
    data_map = read_data_map(MERCHANT / "datamap.yaml")
    visits = data_map.collection("analytics/site_visits")
    decisions = decide_fields((RequestType.ERASURE,), data_map, ("gdpr",))
    held = KeptRows(retention="web_log", until=None, ground="gdpr_17_3_e", rows=1)

    def deleted(**rows: int) -> str:
        kept = (held,) if "anonymise" in rows else ()
        part = CollectionPlan(collection=visits.path, kept=kept, digest="0", **rows)
        plan = ErasurePlan(round=1, made_at=Desk().clock(), datamap_version="1", collections=(part,))
        return " ".join(
            label.en for label in shown_plan(plan, decisions, data_map, {f"{visits.path}.page": "x"}, LAWS).deleted
        )

    number = visits.fields["analytics_id"].label.en
    assert number not in deleted(anonymise=1)
    assert visits.fields["ip_address"].label.en in deleted(anonymise=1)
    assert deleted(delete=1) == visits.label.en  # the whole row goes, with all that is in it


def test_a_loss_is_an_amount_where_the_map_adds_up_and_a_number_of_things_else() -> None:
    data_map = read_data_map(MERCHANT / "datamap.yaml")
    points = loss_told(Loss(collection="shop/members", index=0, count=1, amount=1240), data_map)
    assert (points.name, points.values["what"].en, points.values["amount"]) == ("loss.amount", "Points", 1240)
    orders = loss_told(Loss(collection="orders/orders", index=0, count=2), data_map)
    assert (orders.name, orders.values["count"]) == ("loss.count", 2)
