"""What becomes of a mail on this machine: it arrives, but for the addresses of AWS's mailbox simulator."""

import pytest

from local.events.mail_feedback import outcomes_of


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("jane@example.com", ["Delivery"]),
        ("bounce@example.com", ["Delivery"]),
        ("success@simulator.amazonses.com", ["Delivery"]),
        ("bounce@simulator.amazonses.com", ["Bounce"]),
        ("bounce+label@simulator.amazonses.com", ["Bounce"]),
        ("Bounce@Simulator.AmazonSES.com", ["Bounce"]),
        ("Jane <bounce+1@simulator.amazonses.com>", ["Bounce"]),
        ("suppressionlist@simulator.amazonses.com", ["Bounce"]),
        ("complaint+a@simulator.amazonses.com", ["Delivery", "Complaint"]),
        ("ooto@simulator.amazonses.com", ["Delivery", "Bounce"]),
        ("", ["Delivery"]),
    ],
)
def test_the_simulator_means_here_what_it_means_at_aws(address: str, expected: list[str]) -> None:
    assert [kind for kind, _ in outcomes_of(address)] == expected


def test_an_automatic_answer_is_a_bounce_that_may_pass() -> None:
    bounces = [
        section["bounceType"] for kind, section in outcomes_of("ooto@simulator.amazonses.com") if kind == "Bounce"
    ]
    assert bounces == ["Transient"]
