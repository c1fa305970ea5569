"""`rightsdesk deadline`: the dates as text and as JSON, a sentence for every step, usage errors as such."""

import json

import pytest

from local.commands.deadline import SENTENCES, run
from rightsdesk.law.explanation import StepCode


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(arguments) == 0
    return capsys.readouterr().out


def test_json_holds_the_dates_the_steps_and_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(
        printed(capsys, "--law", "gdpr", "--country", "DE", "--received", "2026-01-31", "--json"),
    )

    assert {name: value for name, value in document.items() if name.endswith("_on")} == {
        "received_on": "2026-01-31",
        "nominal_on": "2026-02-28",
        "due_on": "2026-03-02",
        "conservative_due_on": "2026-03-02",
        "extended_due_on": "2026-04-30",
        "extension_notice_due_on": "2026-03-02",
        "refusal_notice_due_on": "2026-03-02",
        "progress_notice_due_on": None,
        "target_on": "2026-02-19",
    }
    assert document["sources"]["R1182-3-4"].startswith("Regulation (EEC, Euratom) No 1182/71")
    assert set(document["sources"]) == {step["rule"] for step in document["why"]}
    assert any(
        step["text"] == "That month has no day 31: its last day, 2026-02-28, ends the period."
        for step in document["why"]
    )


def test_suspension_may_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(
        printed(
            capsys,
            *("--law", "gdpr", "--country", "FR", "--received", "2026-03-05", "--json"),
            *("--suspended", "2026-03-09/2026-03-20", "--suspended", "2026-03-30/2026-04-10"),
        )
    )

    assert document["due_on"] == "2026-04-16"
    assert document["conservative_due_on"] == "2026-04-07"
    assert [step["code"] for step in document["why"] if "suspen" in step["code"]] == [
        "suspension_ended",
        "suspension_too_late",
        "suspended",
    ]
    assert [step["text"] for step in document["why"] if step["code"] in ("suspension_ended", "suspended")] == [
        "The question of 2026-03-09 was answered on 2026-03-20.",
        "Suspended for 11 days: the end of the period moves from 2026-04-05 to 2026-04-16.",
    ]


def test_text_says_the_same_to_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--law", "gdpr", "--country", "de", "--received", "2026-01-31")

    assert "due_on                  2026-03-02 Mon" in text
    assert "2026-02-28 is a Saturday, Sunday or holiday in DE: moved to 2026-03-02. [R1182-3-4]" in text
    assert "Article 12(3)" in text
    assert "The period of 1 month from receipt ends on" in text
    assert "progress_notice" not in text


def test_the_laws_follow_from_the_country_and_a_moment_has_a_zone(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--country", "FR", "--received", "2026-02-27T16:00Z")

    assert "Received on 2026-02-27 in Europe/Paris, 2026-02-28 in Asia/Tokyo" in text
    assert "[APPI-39]" in text
    assert "Law for a subject in FR and a controller in JP: gdpr. [GDPR-3]" in text
    assert "Law for a subject in FR and a controller in JP: appi. [APPI-16-2]" in text


def test_appi(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--law", "appi", "--country", "JP", "--received", "2026-04-20")

    assert "target_on               2026-05-01 Fri" in text
    assert "extended_due_on" not in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--law", "gdpr", "--country", "US", "--received", "2026-01-31"],
        ["--law", "appi", "--country", "JP", "--received", "2026-01-31", "--extended"],
        ["--law", "gdpr", "--country", "Germany", "--received", "2026-01-31"],
        ["--law", "gdpr", "--country", "DE", "--received", "31.1.2026"],
        ["--law", "gdpr", "--country", "DE", "--received", "2026-01-31T10:00"],
        ["--law", "gdpr", "--country", "DE", "--received", "2026-01-31", "--suspended", "2026-02-03"],
        ["--law", "gdpr", "--country", "DE", "--received", "2026-01-31", "--suspended", "2026-02-03/2026-02-01"],
        ["--law", "gdpr", "--country", "DE", "--received", "2026-01-31", "--suspended", "2026-01-03/2026-02-01"],
        *(["--country", code, "--received", "2026-01-31"] for code in ("XX", "ZZ", "EL", "UK", "EU")),
        # no calendar of holidays goes that far
        ["--law", "gdpr", "--country", "DE", "--received", "2200-01-31"],
        ["--law", "appi", "--country", "JP", "--received", "2150-01-31"],
        ["--law", "lgpd", "--country", "BR", "--received", "2026-01-31"],
        ["--country", "DE"],
    ],
)
def test_arguments_that_make_no_sense_are_a_usage_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exited:
        run(arguments)

    assert exited.value.code == 2
    assert "error" in capsys.readouterr().err


def test_every_step_has_a_sentence() -> None:
    assert set(SENTENCES) == set(StepCode)
