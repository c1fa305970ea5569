"""What Rightsdesk costs: one access request, one erasure, one mail that comes in, a month without any, and with some.

Counted from what is deployed: memory of functions, states on the way of a request, sources and waves of the data map,
keys, secrets and alarms of the template. Assumed, and printed with the result: how often pages are called, how long
functions run, how much is written and sent. List prices, no free tier.

    make cost        # writes docs/cost.md
"""

import argparse
import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.account import local_account
from local.template import Template, read_template
from rightsdesk.adapters.merchant_files import DATA_MAP, read_data_map
from rightsdesk.domain.traversal import waves

ROOT = Path(__file__).resolve().parent.parent

# US dollars, Europe (Ireland), public list prices. Check them before you rely on a cent: aws.amazon.com/pricing.
PRICES_AS_OF = "2025-12"
PRICES = {
    "state transition": 0.025 / 1000,
    "Lambda GB-second (arm64)": 0.0000133334,
    "Lambda request": 0.20 / 1e6,
    "API Gateway request": 3.50 / 1e6,
    "DynamoDB write unit": 0.705 / 1e6,
    "DynamoDB read unit": 0.1415 / 1e6,
    "e-mail": 0.10 / 1000,
    "e-mail received": 0.10 / 1000,
    "256 KB of e-mail received": 0.09 / 1000,
    "notice published": 0.50 / 1e6,
    "queue request": 0.40 / 1e6,
    "S3 write": 0.005 / 1000,
    "S3 read": 0.0004 / 1000,
    "S3 GB-month": 0.023,
    "GB sent to the internet": 0.09,
    "KMS call": 0.03 / 10_000,
    "secret read": 0.05 / 10_000,
    "GB of logs": 0.57,
    "key, a month": 1.00,
    "secret, a month": 0.40,
    "alarm, a month": 0.10,
    "firewall, a month": 5.00,
    "firewall rule, a month": 1.00,
}

# The person's way through the pages, and the staff's through the API: (times, method, route).
JOURNEY = [
    (1, "get", "/"),
    (1, "get", "/{lang}"),
    (8, "get", "/{lang}/{page}"),
    (6, "post", "/{lang}/{page}"),
    (4, "get", "/{lang}/requests/{reference}"),
    (2, "post", "/{lang}/requests/{reference}"),
    (3, "get", "/{lang}/requests/{reference}/{action}"),
    (3, "post", "/{lang}/requests/{reference}/{action}"),
    (3, "get", "/static/{file}"),
    (2, "get", "/staff/requests"),
    (2, "get", "/staff/requests/{reference}"),
    (1, "post", "/staff/requests/{reference}/assignment"),
    (1, "post", "/staff/requests/{reference}/release"),
]

# For an erasure: the plan is looked at and approved twice, and nothing is released or fetched.
JOURNEY_OF_AN_ERASURE = [
    *(step for step in JOURNEY if not step[2].endswith("/release")),
    (2, "get", "/staff/requests/{reference}/erasure"),
    (2, "post", "/staff/requests/{reference}/erasure/approval"),
]

# Seconds billed. A small merchant's functions start cold nearly every time, so a task counts with its start.
SECONDS_OF_A_CALL = 0.2
SECONDS_OF_A_TASK = 1.2
LONGER_TASKS = {"CollectDataFunction": 2.0, "CollectColumnarFunction": 4.0, "BuildExportFunction": 3.0}
LONGER_TASKS_OF_AN_ERASURE = {"PlanErasureFunction": 3.0, "EraseDataFunction": 3.0, "SearchAgainFunction": 3.0}

WAKES_OF_THE_WATCH = 3  # on day 3, and before target and due date; an answered case is then closed
CHANGES_OF_STATE = 12  # each one transaction: the case (3 KB) and its event (1 KB), and keys in the indexes
WRITE_UNITS_OF_A_CHANGE = 2 * (3 + 1) + 2
OTHER_WRITES = 45  # codes, counters, tokens, letters and what became of them, decisions, results, idempotency
READS = 150  # of the case, and of the person's records
MAILS = 7  # code, staff, answer, code to fetch, fetched, closed, one reminder
S3_WRITES, S3_READS = 40, 40
PACKAGE_MB, PAGES_MB = 1.0, 0.6
DAYS_STORED = 30
KMS_CALLS, SECRET_READS = 120, 12
LOG_KB = 60

# One erasure: what is written of it for each source and step, and the 86 records of a member in transactions.
CHANGES_OF_AN_ERASURE = 15
WRITES_OF_AN_ERASURE, READS_OF_AN_ERASURE = 45 + 120 + 350, 600
S3_WRITES_OF_AN_ERASURE, S3_READS_OF_AN_ERASURE = 60, 150
KMS_CALLS_OF_AN_ERASURE = 200

# One mail that comes in, with a small attachment, and the answer to it.
MAIL_CHUNKS = 1  # of 256 KB; a begun one is free
SECONDS_OF_A_MAIL = 3.0  # it starts cold
MAIL_WRITES, MAIL_READS = 40, 20  # the mail and its events, counters, the letter
MAIL_S3_WRITES, MAIL_S3_READS = 3, 1  # raw, read, attachment
MAIL_QUEUE_REQUESTS = 3  # sent, received, deleted; a notice is below 64 KB
MAIL_KMS_CALLS = 15
MAIL_LOG_KB = 4
# Lambda asks a queue with five pollers, each of which waits up to 20 seconds.
POLLS_A_MONTH = 5 * 3 * 60 * 24 * 30

SHOP = {"MembersTable": "shop-members", "OrdersTable": "shop-orders", "ShopBucket": "shop-files"}
GOES_WELL = {"IsItDecided": "HowItIsAnswered"}  # choices whose default is not the way of a request that goes well
GOES_WELL_TO_ERASURE = GOES_WELL | {
    "HowItIsAnswered": "DivideErasure",
    "WhatStaffDecided": "CheckErasure",
    "IsItStillSo": "EraseData",
    "IsItErased": "TellRecipients",
}


@dataclass(frozen=True)
class Line:
    what: str
    amount: float
    price: str

    @property
    def dollars(self) -> float:
        return self.amount * PRICES[self.price]


def way_of_a_request(
    level: Mapping[str, Any], plan: list[list[bool]], choices: Mapping[str, str] = GOES_WELL
) -> Iterator[tuple[str, str | None]]:
    """(state, placeholder of the function it invokes) in the order in which a request that goes well passes them.

    `plan` is the waves of the data map: for each source of a wave, whether it is columnar. An item of a distributed Map
    starts an execution of its own, which counts as a state.
    """
    name: str | None = level["StartAt"]
    while name:
        state = level["States"][name]
        yield name, state.get("Parameters", {}).get("FunctionName")
        if state["Type"] == "Map":
            inside = state["ItemProcessor"]
            if name in ("Collect", "PlanErasure"):
                for wave in plan:
                    yield from way_of_a_request(inside, [wave], choices)
            else:
                for columnar in (columnar for wave in plan for columnar in wave):
                    if inside["ProcessorConfig"]["Mode"] == "DISTRIBUTED":
                        yield f"{name}: an item", None
                    yield from way_of_a_request(inside, [[columnar]], choices)
        name = _next(name, state, plan, choices)


def _next(name: str, state: Mapping[str, Any], plan: list[list[bool]], choices: Mapping[str, str]) -> str | None:
    if state["Type"] != "Choice":
        return state.get("Next")
    if name == "WhichReader" and plan[0][0]:
        return str(state["Choices"][0]["Next"])
    return str(choices.get(name, state["Default"]))


def definition(name: str) -> dict[str, Any]:
    return json.loads((ROOT / f"statemachine/{name}.asl.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def plan_of_the_map() -> list[list[bool]]:
    data_map = read_data_map(ROOT / "layers/merchant" / DATA_MAP)
    return [[step.columnar for step in wave] for wave in waves(data_map, ["email"])]


def request_lines(template: Template) -> list[Line]:
    """One access request from the first page to the closed case."""
    return [
        *_work(template, JOURNEY, GOES_WELL, changes=CHANGES_OF_STATE),
        Line("DynamoDB: write units", CHANGES_OF_STATE * WRITE_UNITS_OF_A_CHANGE + OTHER_WRITES, "DynamoDB write unit"),
        Line("DynamoDB: read units", READS, "DynamoDB read unit"),
        Line("S3: writes", S3_WRITES, "S3 write"),
        Line("S3: reads", S3_READS, "S3 read"),
        Line("S3: storage, GB-months", PACKAGE_MB / 1024 * 2 * DAYS_STORED / 30, "S3 GB-month"),
        Line("Sent to the person, GB", (PACKAGE_MB + PAGES_MB) / 1024, "GB sent to the internet"),
        Line("KMS: calls", KMS_CALLS, "KMS call"),
        Line("Secrets Manager: reads", SECRET_READS, "secret read"),
        Line("CloudWatch: logs, GB", LOG_KB / 1024 / 1024, "GB of logs"),
    ]


def erasure_lines(template: Template) -> list[Line]:
    """One erasure of the standard member from the first page to the closed case."""
    writes = CHANGES_OF_AN_ERASURE * WRITE_UNITS_OF_A_CHANGE + WRITES_OF_AN_ERASURE
    return [
        *_work(template, JOURNEY_OF_AN_ERASURE, GOES_WELL_TO_ERASURE, changes=CHANGES_OF_AN_ERASURE),
        Line("DynamoDB: write units", writes, "DynamoDB write unit"),
        Line("DynamoDB: read units", READS_OF_AN_ERASURE, "DynamoDB read unit"),
        Line("S3: writes", S3_WRITES_OF_AN_ERASURE, "S3 write"),
        Line("S3: reads", S3_READS_OF_AN_ERASURE, "S3 read"),
        Line("Sent to the person, GB", PAGES_MB / 1024, "GB sent to the internet"),
        Line("KMS: calls", KMS_CALLS_OF_AN_ERASURE, "KMS call"),
        Line("Secrets Manager: reads", SECRET_READS, "secret read"),
        Line("CloudWatch: logs, GB", LOG_KB / 1024 / 1024, "GB of logs"),
    ]


def _work(
    template: Template, journey: list[tuple[int, str, str]], choices: Mapping[str, str], *, changes: int
) -> list[Line]:
    """What passes through pages, API, workflow and mail."""
    passed = list(way_of_a_request(definition("privacy_request"), plan_of_the_map(), choices))
    loop = len(definition("deadline_watch")["States"]) - 2  # without the two ends
    transitions = len(passed) + loop * WAKES_OF_THE_WATCH + 1
    calls: Counter[str] = Counter()
    for times, method, route in journey:
        calls[_function_behind(template, route, method)] += times
    tasks = Counter(arn.removeprefix("${").removesuffix("Arn}") for _, arn in passed if arn)
    tasks["CheckDeadlineFunction"] += WAKES_OF_THE_WATCH
    tasks["ArchiveAuditFunction"] += changes
    tasks["RecordDeliveryFunction"] += MAILS
    longer = LONGER_TASKS | LONGER_TASKS_OF_AN_ERASURE
    gigabytes = {name: template.resources[name]["Properties"]["MemorySize"] / 1024 for name in calls | tasks}
    seconds = sum(gigabytes[name] * times * SECONDS_OF_A_CALL for name, times in calls.items())
    seconds += sum(gigabytes[name] * times * longer.get(name, SECONDS_OF_A_TASK) for name, times in tasks.items())
    return [
        Line("Step Functions: states passed", transitions, "state transition"),
        Line("Lambda: memory times time", seconds, "Lambda GB-second (arm64)"),
        Line("Lambda: invocations", sum(calls.values()) + sum(tasks.values()), "Lambda request"),
        Line("API Gateway: requests", sum(calls.values()), "API Gateway request"),
        Line("SES: mails", MAILS, "e-mail"),
    ]


def mail_lines(template: Template) -> list[Line]:
    """One mail that comes in and is answered; what a request costs that it makes is counted there."""
    memory = template.resources["EmailIntakeFunction"]["Properties"]["MemorySize"] / 1024
    return [
        Line("SES: mail received", 1, "e-mail received"),
        Line("SES: 256 KB of it", MAIL_CHUNKS, "256 KB of e-mail received"),
        Line("SES: answer", 1, "e-mail"),
        Line("SNS: notice", 1, "notice published"),
        Line("SQS: requests", MAIL_QUEUE_REQUESTS, "queue request"),
        Line("Lambda: memory times time", memory * SECONDS_OF_A_MAIL, "Lambda GB-second (arm64)"),
        Line("Lambda: invocations", 1, "Lambda request"),
        Line("DynamoDB: write units", MAIL_WRITES, "DynamoDB write unit"),
        Line("DynamoDB: read units", MAIL_READS, "DynamoDB read unit"),
        Line("S3: writes", MAIL_S3_WRITES, "S3 write"),
        Line("S3: reads", MAIL_S3_READS, "S3 read"),
        Line("KMS: calls", MAIL_KMS_CALLS, "KMS call"),
        Line("CloudWatch: logs, GB", MAIL_LOG_KB / 1024 / 1024, "GB of logs"),
    ]


def inbound_lines(template: Template) -> list[Line]:
    """What InboundMail=true adds to a month in which nobody writes."""
    alarms = [
        name
        for name, resource in template.resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and resource.get("Condition") == "ReceivesMail"
    ]
    return [
        Line("SQS: Lambda asks the queue", POLLS_A_MONTH, "queue request"),
        Line("CloudWatch: alarms", len(alarms), "alarm, a month"),
    ]


def month_lines(template: Template) -> list[Line]:
    """What is paid whether anybody asks or not."""
    kinds = Counter(resource["Type"] for resource in template.resources.values() if "Condition" not in resource)
    memory = sum(template.resources[name]["Properties"]["MemorySize"] for name in _daily(template)) / 1024
    return [
        Line("KMS: keys", kinds["AWS::KMS::Key"], "key, a month"),
        Line("Secrets Manager: secrets", kinds["AWS::SecretsManager::Secret"], "secret, a month"),
        Line("CloudWatch: alarms", kinds["AWS::CloudWatch::Alarm"], "alarm, a month"),
        Line("Lambda: the daily runs", memory * SECONDS_OF_A_TASK * 30, "Lambda GB-second (arm64)"),
        Line("S3: the daily sweep lists mails", 30, "S3 write"),  # a listing costs what a write does; 1,000 mails each
    ]


def _daily(template: Template) -> list[str]:
    """The functions that a schedule starts once a day."""
    schedules = [
        resource["Properties"]
        for resource in template.resources.values()
        if resource["Type"] == "AWS::Scheduler::Schedule"
    ]
    return [
        str(schedule["Target"]["Arn"]["Fn::GetAtt"][0])
        for schedule in schedules
        if schedule["ScheduleExpression"] == "rate(1 day)"
    ]


def firewall_lines(template: Template) -> list[Line]:
    rules = template.resources["Firewall"]["Properties"]["Rules"]
    return [Line("WAF: access list", 1, "firewall, a month"), Line("WAF: rules", len(rules), "firewall rule, a month")]


def _function_behind(template: Template, route: str, method: str) -> str:
    """Raises KeyError where the template has no such route: the journey is then out of date."""
    operation = template.resources["RestApi"]["Properties"]["Body"]["paths"][route][method]
    uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
    return str(uri.rsplit("${", 1)[1].split(".", 1)[0])


def deployed() -> Template:
    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of a feature that we do not use
    with local_account():
        return read_template(ROOT / "template.yaml", SHOP)


def page() -> str:
    template = deployed()
    request, month, firewall = request_lines(template), month_lines(template), firewall_lines(template)
    mail, inbound, erasure = mail_lines(template), inbound_lines(template), erasure_lines(template)
    one, erased, idle, waf, letter, receiving = (
        sum(line.dollars for line in lines) for lines in (request, erasure, month, firewall, mail, inbound)
    )
    longer = ", ".join(f"{seconds:g} s" for seconds in LONGER_TASKS.values())
    free_alarms = min(10, sum(line.amount for line in month if line.price == "alarm, a month"))
    return f"""# What it costs

Computed by `make cost` from `template.yaml`, `statemachine/` and the data map of the sample shop. List prices of
Europe (Ireland) in US dollars as of {PRICES_AS_OF}, without tax and without the free tier.

| | |
|---|---|
| one access request, from the first page to the closed case | **${one:.4f}** |
| one erasure, from the first page to the closed case | **${erased:.4f}** |
| a month in which nobody asks | **${idle:.2f}** |
| a month with 10 requests | ${idle + 10 * one:.2f} |
| a month with 1,000 requests | ${idle + 1000 * one:.2f} |
| mail that comes in (`InboundMail=true`), a month more | ${receiving:.2f} |
| one mail that comes in, with its answer | ${letter:.4f} |
| a month with 1,000 such mails | ${idle + receiving + 1000 * letter:.2f} |
| AWS WAF in front (`UseWaf=true`), a month more | ${waf:.2f} |

Every AWS account has ten alarms for nothing: a month in which nobody asks then costs
${idle - free_alarms * PRICES["alarm, a month"]:.2f}. The calls of functions and the states of workflows that are free
every month are more than a small merchant uses: what it pays for is the keys, the secret and the alarms.

## One access request

{_table(request)}

## One erasure

{_table(erasure)}

Each source is planned, looked at again, erased and searched again, each by a task of its own: that costs more.

## One mail that comes in

{_table(mail)}

A request that the mail makes costs what a request costs.

## A month in which nobody asks

{_table(month)}

With mail that comes in, and nobody who writes:

{_table(inbound)}

The first million requests to queues are free in every account and month.

A key that has rotated twice costs one dollar more for each of the first two rotations, from the second year on.

## What was assumed

- {sum(times for times, _, _ in JOURNEY)} calls of pages and API, {SECONDS_OF_A_CALL} s each.
- Tasks of the workflow run {SECONDS_OF_A_TASK} s, for they start cold; collecting and building {longer}.
- Planning, erasing and searching a source {", ".join(f"{s:g} s" for s in LONGER_TASKS_OF_AN_ERASURE.values())}; an
  erasure has {CHANGES_OF_AN_ERASURE} changes of state, and writes 86 records of the person in transactions.
- {CHANGES_OF_STATE} changes of state of {WRITE_UNITS_OF_A_CHANGE} write units: in a transaction each item counts twice.
- The deadline is looked at {WAKES_OF_THE_WATCH} times. Nothing polls: a month of waiting costs nothing.
- {MAILS} mails. A package of {PACKAGE_MB:g} MB, kept {DAYS_STORED} days with what was collected for it.
- {PAGES_MB:g} MB of pages, {LOG_KB} KB of logs.
- A mail of {MAIL_CHUNKS * 256} KB, {SECONDS_OF_A_MAIL:g} s to read it. The queue is asked by five pollers, each three
  times a minute.

A person with a million records costs more: about 15 minutes of the collecting functions ($0.03) and the gigabytes that
they fetch ($0.09 each).

An erasure from a prefix of a million objects costs more, too: each is fetched up to six times ($2.40), in 500 shards
of which each lists the whole prefix ($2.50 a step), by functions that read all of it (at 20 MB/s, $1.30 a terabyte).
"""


def _table(lines: list[Line]) -> str:
    total = sum(line.dollars for line in lines)
    rows = [f"| {line.what} | {line.amount:,.6g} | {line.dollars:.6f} | {line.dollars / total:.0%} |" for line in lines]
    return "\n".join(["| | amount | USD | share |", "|---|--:|--:|--:|", *rows, f"| **all** | | **{total:.6f}** | |"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there instead of printing it")
    target = parser.parse_args().write
    if target:
        target.write_text(page(), encoding="utf-8")
    else:
        print(page(), end="")


if __name__ == "__main__":
    main()
