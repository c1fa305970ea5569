"""Processor time of child processes, and what they say. The clock on the wall is never read: others use it, too."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024

# What the template gives to one function or another; the ids belong to nobody.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", ""),
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "POWERTOOLS_SERVICE_NAME": "rightsdesk",
    "POWERTOOLS_METRICS_NAMESPACE": "Rightsdesk",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "PYDANTIC_DISABLE_PLUGINS": "true",
    "MERCHANT_PATH": str(ROOT / "layers/merchant"),
    "CASES_TABLE": "cases",
    "PEOPLE_TABLE": "people",
    "IDEMPOTENCY_TABLE": "idempotency",
    "EXPORT_BUCKET": "exports",
    "EVIDENCE_BUCKET": "evidence",
    "MAIL_BUCKET": "mail",
    "INBOUND_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/inbound",
    "AUTOMATIC_ANSWERS_PER_HOUR": "100",
    "PEPPER_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pepper",
    "PRIVACY_REQUEST_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:privacy-request",
    "DEADLINE_WATCH_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:deadline-watch",
    "EVIDENCE_KEY_ARN": "arn:aws:kms:eu-west-1:123456789012:key/evidence",
    "OPENDSR_KEY_ARN": "arn:aws:kms:eu-west-1:123456789012:key/opendsr",
    "END_RETENTION_ARN": "arn:aws:lambda:eu-west-1:123456789012:function:end-retention",
    "MAIL_FROM": "privacy@shop.example",
    "STAFF_MAILBOX": "staff@shop.example",
    "STAFF_POOL_ID": "eu-west-1_Ab12",
    "CONFIGURATION_SET": "mail",
    "PUBLIC_ORIGIN": "",
    "FOUR_EYES": "true",
    "SOURCE_MEMBERS_TABLE": "members",
    "SOURCE_ORDERS_TABLE": "orders",
    "SOURCE_SHOP_BUCKET": "files",
}


@dataclass(frozen=True)
class Child:
    """What a process used until its end. `said` is the last line that it printed."""

    cpu: float  # seconds, user and system
    said: str

    @property
    def result(self) -> Any:
        return json.loads(self.said)


def child(code: str, *, paths: Sequence[Path] = (), environment: Mapping[str, str] = ENVIRONMENT) -> Child:
    """Run Python code in an interpreter of its own that finds modules in `paths` and in the standard library only.

    The test fails where the child does.
    """
    lines = f"import sys; sys.path[0:0] = {[str(path) for path in paths]!r}\n{code}"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", lines],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        said = process.stdout.read()
        complaint = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, complaint
    return Child(cpu=used.ru_utime + used.ru_stime, said=(said.strip().splitlines() or [""])[-1])


def least_cpu(runs: Mapping[str, Callable[[], Child]], *, rounds: int) -> dict[str, Child]:
    """The cheapest of several runs of each, taken in turns: what disturbs the machine disturbs all of them alike."""
    best: dict[str, Child] = {}
    for _ in range(rounds):
        for name, run in runs.items():
            found = run()
            if name not in best or found.cpu < best[name].cpu:
                best[name] = found
    return best
