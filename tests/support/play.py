"""A desk whose workflows run, with a person, staff and the daily sweep, for as many days as it takes.

Everybody tries again tomorrow: the person whose page failed, the member of staff who gets a conflict, the schedule.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rightsdesk.domain.correction import Correction
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import RightsdeskError
from rightsdesk.domain.identity import CODE_LIFETIME
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import Aim, PrivacyRequest, RequestType, Treatment
from rightsdesk.domain.shards import Shard
from tests.support.desk import APPROVER, HANDLER, Desk
from tests.support.fakes import FakeWorkflow, ProcessDiedError
from tests.support.state_machine import Execution, Function, definition

_MACHINES = {name: definition(name) for name in ("privacy_request", "deadline_watch")}


class RunningWorkflow(FakeWorkflow):
    """Starts executions of the shipped state machines: by (machine, request id, attempt)."""

    def begin(self, functions: dict[str, Function], clock: Callable[[], datetime]) -> None:
        self.executions: dict[tuple[str, str, int], Execution] = {}
        self._functions, self._clock = functions, clock

    def start(self, request_id: str, *, attempt: int, entry: str) -> None:
        with self.faults.call("workflow.start"):
            self._start("privacy_request", request_id, attempt, {"entry": entry, "attempt": attempt})

    def watch(self, request_id: str, *, attempt: int, wake_at: datetime) -> None:
        with self.faults.call("workflow.watch"):
            self._start("deadline_watch", request_id, attempt, {"wake_at": _moment(wake_at)})

    def stop(self, request_id: str, *, attempt: int) -> None:
        with self.faults.call("workflow.stop"):
            if execution := self.executions.get(("privacy_request", request_id, attempt)):
                execution.status = "ABORTED"

    def is_running(self, request_id: str, *, machine: str, attempt: int) -> bool:
        with self.faults.call("workflow.is_running"):
            execution = self.executions.get((machine, request_id, attempt))
            return execution is not None and execution.status == "RUNNING"

    def _start(self, machine: str, request_id: str, attempt: int, given: dict[str, Any]) -> None:
        self.executions.setdefault(
            (machine, request_id, attempt),
            Execution(
                machine=_MACHINES[machine],
                given={"request_id": request_id} | given,
                name=f"{machine}/{request_id}/{attempt}",
                functions=self._functions,
                answers=self.answers,
                clock=self._clock,
            ),
        )


class Play(Desk):
    """`held`: what staff decide about rows on other people; None: they refuse the answer.

    `evidence`: what the person enters where more is asked for. `withdraws`: the person has had enough once
    a package is built, and staff are slow.
    """

    def __init__(
        self,
        *,
        held: Treatment | None = Treatment.WITHHOLD,
        evidence: tuple[str, str] | None = None,
        withdraws: bool = False,
        confirms: bool = True,
        types: tuple[RequestType, ...] = (RequestType.ACCESS, RequestType.PORTABILITY),
        kept: Mapping[str, str] | None = None,
        reasons: Mapping[str, str] | None = None,
        corrections: tuple[Correction, ...] = (),
        data_map: DataMap | None = None,
        aim: Aim | None = None,
        send: bool | None = None,
    ) -> None:
        super().__init__(workflow=RunningWorkflow, data_map=data_map)
        self.corrections = corrections
        self.types = types
        self.aim = aim
        self.send = send
        self.kept = kept or {}
        self.reasons = reasons or {}
        self.held = held
        self.evidence = evidence
        self.withdraws = withdraws
        self.confirms = confirms
        assert isinstance(self.workflow, RunningWorkflow)
        self.running = self.workflow
        self.running.begin(self._functions(), self.clock)

    def day(self) -> None:
        """A day in which the person and staff do what there is to do, and the sweep comes by at night."""
        self._patiently(self._person)
        self.pass_time(timedelta(hours=4))
        self._patiently(self._staff)
        self.pass_time(timedelta(hours=4))
        self._patiently(self._person)
        self.pass_time(timedelta(hours=16))
        self._patiently(self.sweep)
        self.pass_time(timedelta(0))

    def until_all_is_done(self, *, days: int = 60) -> int:
        """How many days it took."""
        for day in range(days):
            if self.table.cases and all(case.purged for case in self.all_cases()):
                return day
            self.day()
        raise AssertionError([(case.status, case.failure, case.version) for case in self.all_cases()])

    def confirmed_by_play(self) -> PrivacyRequest:
        """Runs until staff have the plan of an erasure before them, which they have not looked at."""
        for _ in range(10):
            self._patiently(self._person)
            self.pass_time(timedelta(hours=12))
            case = self.only_case()
            if case.status is Status.AWAITING_REVIEW:
                return case
        raise AssertionError(case.status)

    def all_cases(self) -> list[PrivacyRequest]:
        return [PrivacyRequest.model_validate_json(stored) for stored in self.table.cases.values()]

    def pass_time(self, by: timedelta) -> None:
        """Let executions run as their moments come."""
        end = self.clock() + by
        while True:
            ready = [(e.wakes_at, name, e) for name, e in self.running.executions.items() if e.wakes_at]
            moment, _, execution = min(ready, key=lambda entry: entry[:2], default=(None, None, None))
            if moment is None or execution is None or moment > end:
                self.clock.now = end
                return
            self.clock.now = max(self.clock.now, moment)
            execution.go_on()

    def visited(self, case: PrivacyRequest, attempt: int = 1) -> list[str]:
        return self.running.executions[("privacy_request", case.request_id, attempt)].visited

    def _person(self) -> None:
        if not self.table.cases:
            self.submit(types=self.types, aim=self.aim)
            self.pass_time(timedelta(minutes=1))
        case = self.all_cases()[0]
        if self.confirms and not case.assurance:
            if not self._has_live_code(case):
                self.ask_code(case)
            if self._has_live_code(case):
                self.verify(case)
                self.pass_time(timedelta(minutes=1))
        case = self.now(case)
        if case.evidence_needed and self.evidence and case.is_open:
            self.enter_evidence(case, *self.evidence)
            self.pass_time(timedelta(minutes=1))
        case = self.now(case)
        if case.status is Status.AWAITING_CONFIRMATION and case.erasure and not case.erasure.confirmed_at:
            self.confirm_erasure(case)
        if self.withdraws and case.export and case.is_open:
            self.withdraw(case)
        elif case.answered_at and case.is_open and case.export and not case.export.downloads:
            self.download(case)

    def _has_live_code(self, case: PrivacyRequest) -> bool:
        item = self.table.codes.get(case.request_id)
        sent = any(mail.text for mail in self.mailer.outbox)
        return bool(sent and item and item["digest"] and self.clock() - item["issued_at"] < CODE_LIFETIME)

    def _staff(self) -> None:
        page = self.staff.list_open(HANDLER, 10, None)
        for summary in page.items:
            if summary.failed:
                self.staff.retry(HANDLER, summary.reference)
                self.pass_time(timedelta(minutes=30))
        for case in self.all_cases():
            if case.status is Status.AWAITING_RECIPIENTS:
                self.settle_recipients(case)
            if case.status is Status.AWAITING_REVIEW and not case.failure and not self.withdraws:
                if self.held is None:
                    self.refuse(case)
                elif case.erasure is not None:
                    self._approve(case)
                elif self.corrections and case.rectification is None:
                    self.state_corrections(case, *self.corrections)
                elif self.corrections and case.rectification is not None:
                    self.approve_correction(case)
                elif not case.answered_by_package:
                    self.complete(case, kept=self.kept, reasons=self.reasons)
                else:
                    self.release(case, self.held, send=self.send)

    def _approve(self, case: PrivacyRequest) -> None:
        """A handler looks first, and says what stays; an approver looks after."""
        if case.erasure and case.erasure.approval is None:
            said = () if case.erasure.weighed else (self.kept, self.reasons)
            self.approve(case, *said)
            case = self.now(case)
            self.pass_time(timedelta(minutes=5))
        if case.erasure and case.erasure.approval is not None:
            self.approve(self.now(case), staff=APPROVER)

    @staticmethod
    def _patiently(act: Callable[[], object]) -> None:
        try:
            act()
        except (RightsdeskError, ProcessDiedError):
            return  # and tomorrow again

    def _functions(self) -> dict[str, Function]:
        def case_of(payload: dict[str, Any]) -> PrivacyRequest:
            return self.now_by_id(payload["request_id"])

        def record(payload: dict[str, Any]) -> None:
            if "source" in payload:
                self.fail_source(case_of(payload), payload["source"], payload["error"])
            else:
                self.fail(case_of(payload), payload["state"], payload["error"])

        def look(payload: dict[str, Any]) -> dict[str, Any]:
            watch = self.look(case_of(payload))
            return {"closed": watch.closed, "wake_at": _moment(watch.wake_at)}

        def plan_or_check(payload: dict[str, Any]) -> dict[str, Any] | None:
            if payload["step"] == "divide":
                return self.divide(case_of(payload)).model_dump(mode="json")
            step = self.plan_erasure if payload["step"] == "plan" else self.check_erasure
            step(case_of(payload), payload["source"], shard(payload))
            return None

        def shard(payload: dict[str, Any]) -> Shard:
            return Shard(payload["shard"], payload["of"])

        return {
            "SendVerification": lambda p: self.send_verification(case_of(p), p["task_token"]),
            "RequestDecision": lambda p: self.decide(case_of(p), p["task_token"]),
            "CollectData": lambda p: self.collect(case_of(p), p["source"]),
            "CollectColumnar": lambda p: self.collect(case_of(p), p["source"]),
            "PlanErasure": plan_or_check,
            "RequestConfirmation": lambda p: self.ask_confirmation(case_of(p), p["task_token"]),
            "BeginErasure": lambda p: {"proceed": self.begin_erasure(case_of(p))},
            "CorrectData": self._correct_data,
            "StopUse": self._stop_use,
            "EraseData": lambda p: self.erase(case_of(p), p["source"], shard(p)),
            "SearchAgain": lambda p: self.search_again(case_of(p), p["source"], shard(p)),
            "CertifyErasure": lambda p: {"proceed": self.certify(case_of(p))},
            "BuildExport": lambda p: self.build(case_of(p), final=p["final"]),
            "RequestRelease": lambda p: self.ask_release(case_of(p), p["task_token"]),
            "TellRecipients": self._tell_recipients,
            "TransferPackage": self._transfer,
            "SendAnswer": self._answer,
            "CloseRequest": lambda p: self.close(case_of(p), Outcome(p["outcome"])),
            "RecordFailure": record,
            "CheckDeadline": look,
        }

    def _tell_recipients(self, payload: dict[str, Any]) -> None:
        case = self.now_by_id(payload["request_id"])
        if payload["step"] == "tell_meanwhile":
            self.telling().tell_meanwhile(case.request_id)
        elif payload["step"] == "tell":
            self.telling().tell(case.request_id)
        else:
            self.await_recipients(case, payload["task_token"])

    def _transfer(self, payload: dict[str, Any]) -> None:
        case = self.now_by_id(payload["request_id"])
        if payload.get("step") == "await":
            self.await_transfer(case, payload["task_token"])
        else:
            self.transfer(case)

    def _answer(self, payload: dict[str, Any]) -> dict[str, Any]:
        answered = self.answer(self.now_by_id(payload["request_id"]))
        return answered.model_dump() | {"window_ends_at": _moment(answered.window_ends_at)}

    def _correct_data(self, payload: dict[str, Any]) -> dict[str, Any]:
        case = self.now_by_id(payload["request_id"])
        if payload["step"] == "plan":
            self.plan_correction(case)
            return {}
        return {"proceed": self.correct(case)}

    def _stop_use(self, payload: dict[str, Any]) -> dict[str, Any]:
        stopper, request_id = self.use_stopper(), payload["request_id"]
        if payload["step"] == "stop":
            return {"is_all": stopper.stop(request_id)}
        if payload["step"] == "settle":
            stopper.settle(request_id)
        else:
            stopper.lift(request_id)
        return {}

    def now_by_id(self, request_id: str) -> PrivacyRequest:
        return PrivacyRequest.model_validate_json(self.table.cases[request_id])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
