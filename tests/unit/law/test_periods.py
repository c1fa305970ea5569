"""Which law, which day of receipt, the stricter of two, extension in time: what `compute_deadlines` adds to one law."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rightsdesk.domain.request import SAID_TO_US
from rightsdesk.law.applicability import Law, laws_for
from rightsdesk.law.countries import EEA, PART_OF, ZONES
from rightsdesk.law.deadlines import Deadlines, ExtensionBarrier, extension_barrier
from rightsdesk.law.explanation import StepCode, step
from rightsdesk.law.periods import compute_deadlines
from rightsdesk.law.promised_days import promised_days
from rightsdesk.law.rules import POLICY, RULES, RULES_OF_TIME, Rule
from rightsdesk.law.suspension import Suspension, SuspensionReason
from tests.support.desk import merchant


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- which law ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "controller", "laws"),
    [
        ("DE", "JP", (Law.GDPR, Law.APPI)),
        ("NO", "JP", (Law.GDPR, Law.APPI)),
        ("RE", "JP", (Law.GDPR, Law.APPI)),
        ("JP", "JP", (Law.APPI,)),
        ("US", "JP", (Law.PROMISE,)),
        ("GB", "JP", (Law.PROMISE,)),
        ("CH", "JP", (Law.PROMISE,)),
        ("DE", "US", (Law.GDPR,)),
        ("US", "FR", (Law.GDPR,)),
        ("JP", "FR", (Law.GDPR, Law.APPI)),
        ("US", "US", (Law.PROMISE,)),
    ],
)
def test_laws_follow_from_residence_and_seat(country: str, controller: str, laws: tuple[Law, ...]) -> None:
    assert laws_for(country, controller_country=controller) == laws


def test_the_eea_has_thirty_states_and_each_country_we_know_has_its_zones() -> None:
    assert len(EEA) == 30
    assert set(ZONES) == EEA | {"JP"} | set(PART_OF)
    for zones in ZONES.values():
        assert all(ZoneInfo(zone).key == zone for zone in zones)


@pytest.mark.parametrize("country", ["de", "DEU", "", "D1", "ÄÖ", "../DE"])
def test_a_country_that_is_no_code_is_refused(country: str) -> None:
    with pytest.raises(ValueError, match="3166"):
        compute_deadlines(day("2026-01-31"), country)


# --- the day of receipt ---------------------------------------------------------------------------


def test_a74_friday_in_paris_is_saturday_in_tokyo_and_the_earlier_due_date_holds() -> None:
    deadlines = compute_deadlines(moment("2026-02-27T16:00:00+00:00"), "FR")

    assert deadlines.received_on == day("2026-02-27")
    assert deadlines.due_on == day("2026-03-27")
    assert "POLICY-ZONE" in deadlines.rules


@pytest.mark.parametrize(
    ("received", "country", "received_on"),
    [
        pytest.param("2026-02-27T14:59:59+00:00", "DE", "2026-02-27", id="both still the 27th"),
        pytest.param("2026-02-27T15:00:00+00:00", "DE", "2026-02-27", id="midnight in Tokyo"),
        pytest.param("2026-02-27T22:59:59+00:00", "DE", "2026-02-27", id="last second in Berlin, winter"),
        pytest.param("2026-02-27T23:00:00+00:00", "DE", "2026-02-28", id="midnight in Berlin, winter"),
        pytest.param("2026-03-29T21:59:59+00:00", "DE", "2026-03-29", id="last second in Berlin on the day of DST"),
        pytest.param("2026-03-29T22:00:00+00:00", "DE", "2026-03-30", id="midnight in Berlin, summer"),
        pytest.param("2026-10-25T22:59:59+00:00", "DE", "2026-10-25", id="last second on the day DST ends"),
        pytest.param("2026-07-01T22:30:00+00:00", "ES", "2026-07-01", id="2 July in Madrid, 1 July on the Canaries"),
        pytest.param("2026-07-01T23:30:00+00:00", "PT", "2026-07-01", id="2 July in Lisbon, 1 July on the Azores"),
        pytest.param("2026-07-01T22:30:00+00:00", "FR", "2026-07-02", id="2 July in Paris"),
        pytest.param("2026-07-01T22:30:00+00:00", "MQ", "2026-07-01", id="1 July on Martinique"),
        pytest.param("2026-07-01T15:30:00+00:00", "JP", "2026-07-02", id="Japan has one zone"),
        pytest.param("2026-07-01T15:30:00+00:00", "US", "2026-07-02", id="elsewhere the controller's zone"),
    ],
)
def test_a74_day_of_receipt(received: str, country: str, received_on: str) -> None:
    assert compute_deadlines(moment(received), country).received_on == day(received_on)


def test_offset_of_the_moment_makes_no_difference() -> None:
    instant = moment("2026-02-27T16:00:00+00:00")

    assert compute_deadlines(instant, "FR") == compute_deadlines(instant.astimezone(ZoneInfo("Asia/Tokyo")), "FR")


def test_a80_a_moment_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        compute_deadlines(datetime(2026, 2, 27, 16), "FR")  # noqa: DTZ001 - that is the point


# --- the end of a day -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "controller", "zone", "offset"),
    [("DE", "JP", "Asia/Tokyo", 9), ("DE", "US", "America/New_York", 2), ("US", "JP", "Asia/Tokyo", 9)],
)
def test_the_due_date_ends_where_the_day_ends_first(country: str, controller: str, zone: str, offset: int) -> None:
    deadlines = compute_deadlines(day("2026-06-01"), country, controller_country=controller, controller_zone=zone)

    assert deadlines.due_at == datetime.combine(deadlines.due_on, datetime.max.time().replace(microsecond=0)).replace(
        tzinfo=deadlines.due_at.tzinfo
    )
    assert deadlines.due_at.utcoffset() == timedelta(hours=offset)


def test_a74_offset_of_the_due_date_is_that_of_its_own_day() -> None:
    # received in winter, due in summer
    deadlines = compute_deadlines(day("2026-03-20"), "FR", controller_country="FR", controller_zone="Europe/Paris")

    assert deadlines.due_at.isoformat() == "2026-04-20T23:59:59+02:00"


# --- the APPI -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrived", "target"),
    [
        pytest.param("2026-04-20", "2026-05-01", id="4 May falls in Golden Week"),
        pytest.param("2026-04-22", "2026-05-01", id="6 May is the substitute of Sunday 3 May"),
        pytest.param("2026-04-23", "2026-05-07", id="the first day after Golden Week"),
        pytest.param("2026-09-08", "2026-09-18", id="22 September lies between two holidays"),
        pytest.param("2026-12-18", "2026-12-31", id="1 January"),
        pytest.param("2026-06-01", "2026-06-15", id="plain"),
    ],
)
def test_appi_target(arrived: str, target: str) -> None:
    deadlines = compute_deadlines(day(arrived), "JP")

    assert deadlines.target_on == deadlines.due_on == deadlines.conservative_due_on == day(target)
    assert deadlines.progress_notice_due_on == day(target)
    assert deadlines.nominal_on == day(arrived) + timedelta(days=14)
    assert deadlines.extended_due_on is None
    assert deadlines.extension_notice_due_on is None


def test_the_appi_alone_knows_no_extension() -> None:
    with pytest.raises(ValueError, match="no extension"):
        compute_deadlines(day("2026-04-20"), "JP", extended=True)


# --- both laws, and the promise -------------------------------------------------------------------


def test_with_both_laws_the_month_is_due_and_the_two_weeks_are_the_target() -> None:
    both = compute_deadlines(day("2026-04-20"), "DE")
    gdpr = compute_deadlines(day("2026-04-20"), "DE", laws=[Law.GDPR])

    assert both.due_on == gdpr.due_on == day("2026-05-20")
    assert both.target_on == both.progress_notice_due_on == day("2026-05-01")
    assert gdpr.target_on == day("2026-05-12")
    assert {"GDPR-12-3", "APPI-39", "POLICY-STRICTER"} <= set(both.rules)


def test_after_an_extension_the_letter_was_the_progress_notice_and_the_longer_target_holds() -> None:
    both = compute_deadlines(day("2026-04-20"), "DE", extended=True)
    gdpr = compute_deadlines(day("2026-04-20"), "DE", laws=[Law.GDPR], extended=True)

    assert both.target_on == gdpr.target_on == day("2026-07-10")
    assert any(each.code is StepCode.EXTENSION_IS_PROGRESS_NOTICE for each in both.why)


def test_elsewhere_the_promise_counts_like_the_month_with_the_holidays_of_the_controller() -> None:
    promise = compute_deadlines(day("2026-04-04"), "US")

    assert promise.laws == (Law.PROMISE,)
    assert promise.due_on == day("2026-05-07")  # 4, 5 and 6 May are holidays in Japan
    assert promise.extended_due_on == day("2026-07-06")
    assert "POLICY-PROMISE" in promise.rules
    assert "GDPR-12-3" not in promise.rules


def test_the_merchant_sets_the_length_of_the_promise() -> None:
    promise = compute_deadlines(day("2026-06-01"), "US", promise_months=2)

    assert (promise.nominal_on, promise.extended_due_on) == (day("2026-08-01"), day("2026-10-01"))


def test_the_gdpr_needs_somebody_in_the_eea() -> None:
    with pytest.raises(ValueError, match="EEA"):
        compute_deadlines(day("2026-06-01"), "US", laws=[Law.GDPR])


def test_a_department_overseas_has_the_holidays_of_its_state() -> None:
    assert compute_deadlines(day("2026-03-05"), "RE").due_on == day("2026-04-07")


# --- extension ------------------------------------------------------------------------------------


def in_berlin(*, extended: bool = False) -> Deadlines:
    return compute_deadlines(
        day("2026-01-31"), "DE", controller_country="DE", controller_zone="Europe/Berlin", extended=extended
    )


def test_a75_notice_in_the_last_second_is_in_time() -> None:
    assert extension_barrier(in_berlin(), notice_sent_at=moment("2026-03-02T23:59:59+01:00")) is None
    assert extension_barrier(in_berlin(), notice_sent_at=moment("2026-03-02T23:59:59.999999+01:00")) is None


def test_a75_extension_after_the_first_month_is_blocked() -> None:
    barrier = extension_barrier(in_berlin(), notice_sent_at=moment("2026-03-03T00:00:00+01:00"))

    assert barrier is ExtensionBarrier.NOTICE_TOO_LATE


def test_a75_extension_is_blocked_once_the_day_is_over_in_the_first_of_two_zones() -> None:
    deadlines = compute_deadlines(day("2026-01-31"), "DE")

    assert extension_barrier(deadlines, notice_sent_at=moment("2026-03-02T14:59:59+00:00")) is None
    late = extension_barrier(deadlines, notice_sent_at=moment("2026-03-02T15:00:00+00:00"))
    assert late is ExtensionBarrier.NOTICE_TOO_LATE


def test_a75_second_extension_is_blocked() -> None:
    barrier = extension_barrier(in_berlin(extended=True), notice_sent_at=moment("2026-02-02T10:00:00+01:00"))

    assert barrier is ExtensionBarrier.ALREADY_EXTENDED


def test_a75_new_date_is_three_months_from_receipt() -> None:
    assert in_berlin(extended=True).nominal_on == day("2026-04-30")


def test_a75_a_suspension_gives_no_more_time_for_the_notice() -> None:
    suspended = compute_deadlines(
        day("2026-01-31"),
        "DE",
        suspensions=[Suspension(asked_on=day("2026-02-02"), answered_on=day("2026-02-20"))],
    )

    barrier = extension_barrier(suspended, notice_sent_at=moment("2026-03-10T00:00:00+00:00"))

    assert suspended.due_on > day("2026-03-10")
    assert barrier is ExtensionBarrier.NOTICE_TOO_LATE


def test_a75_the_appi_has_nothing_to_extend() -> None:
    deadlines = compute_deadlines(day("2026-04-20"), "JP")

    barrier = extension_barrier(deadlines, notice_sent_at=moment("2026-04-21T00:00:00+09:00"))

    assert barrier is ExtensionBarrier.NO_EXTENSION_IN_THIS_LAW


def test_a_refusal_after_the_first_month_is_late_even_when_extended() -> None:
    deadlines = in_berlin(extended=True)

    assert not deadlines.is_past(deadlines.refusal_notice_due_on, moment("2026-03-02T23:00:00+01:00"))
    assert deadlines.is_past(deadlines.refusal_notice_due_on, moment("2026-03-03T00:00:00+01:00"))
    assert not deadlines.is_past(deadlines.due_on, moment("2026-03-03T00:00:00+01:00"))


# --- why ------------------------------------------------------------------------------------------


def test_deadlines_survive_being_stored() -> None:
    deadlines = compute_deadlines(
        datetime(2026, 2, 27, 16, tzinfo=UTC), "FR", suspensions=[Suspension(asked_on=day("2026-03-02"))]
    )

    assert Deadlines.model_validate_json(deadlines.model_dump_json()) == deadlines


def test_rules_named_are_those_of_the_steps() -> None:
    deadlines = compute_deadlines(day("2026-01-31"), "DE")

    assert set(deadlines.rules) == {each.rule for each in deadlines.why}
    assert len(set(deadlines.rules)) == len(deadlines.rules)


def test_every_rule_of_time_is_used_by_a_computation() -> None:
    received = datetime(2026, 1, 30, 22, 59, tzinfo=UTC)
    questions = [
        Suspension(asked_on=day("2026-02-02"), answered_on=day("2026-02-04")),
        Suspension(asked_on=day("2026-02-20"), answered_on=day("2026-02-21")),
        Suspension(asked_on=day("2026-02-02"), reason=SuspensionReason.OTHER),
    ]
    used = {
        rule
        for deadlines in (
            compute_deadlines(received, "DE", suspensions=questions),
            compute_deadlines(day("2026-01-31"), "DE", extended=True),
            compute_deadlines(day("2026-01-31"), "DE"),
            compute_deadlines(day("2026-04-20"), "JP"),
            compute_deadlines(day("2026-04-20"), "US"),
            *(
                compute_deadlines(day("2026-04-20"), "JP", promised=promised_days((kind,), merchant()))
                for kind in SAID_TO_US
            ),
        )
        for rule in deadlines.rules
    }

    assert used == set(RULES_OF_TIME)


@pytest.mark.parametrize(
    ("rule", "since"), [("APPI-16-2", "2023-04-01"), ("APPI-32-35", "2022-04-01"), ("GDPR-3", "2018-05-25")]
)
def test_a_rule_holds_since_its_article_has_that_number(rule: str, since: str) -> None:
    """What is article 171 now was article 166 before."""
    assert RULES[rule].valid_from == day(since)


def test_the_answer_of_the_appi_is_owed_for_every_right() -> None:
    (without_delay,) = [
        each for each in compute_deadlines(day("2026-04-20"), "JP").why if each.code is StepCode.WITHOUT_DELAY
    ]
    assert all(article in RULES[without_delay.rule].source for article in ("32(2)", "33(2)", "34(2)", "35(2)"))


# Who asks, who is told, what may be charged, where to turn.
DUTIES = {
    *("GDPR-7-3", "GDPR-11-2", "GDPR-12-2", "GDPR-12-5", "GDPR-12-6", "GDPR-18-3", "GDPR-19", "GDPR-20-2"),
    *("GDPR-77", "GDPR-79", "APPI-27-1", "APPI-28", "APPI-29", "APPI-30", "APPI-35-7", "APPI-36", "APPI-37"),
    *("APPI-38", "APPI-43"),
}


def test_the_register_has_the_duties_beside_the_clock() -> None:
    assert RULES.keys() >= DUTIES


def test_a_step_cites_a_rule_of_the_register() -> None:
    with pytest.raises(ValueError, match="GDPR-99"):
        step(StepCode.MONTHS, "GDPR-99")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_names_source_version_and_first_day(rule: Rule) -> None:
    assert rule.source
    assert rule.version
    assert rule.summary.endswith(".")
    assert rule.valid_from <= day("2026-01-01")
    assert rule.is_policy == rule.id.startswith("POLICY-") == (rule.source == POLICY)
