"""What an erasure would do to a person, found as a request would find it, and without one: nothing is kept of it.

The task that plans an erasure runs here over a case that is in memory only. What it reads is the shop's; it writes
nothing anywhere.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.audit import GENESIS
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.erasing import RowFound
from rightsdesk.domain.erasure_plan import ErasurePlan, SourceErasure
from rightsdesk.domain.erasure_review import current_plan
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Door, PrivacyRequest, RequestType
from rightsdesk.domain.traversal import waves
from rightsdesk.law.case_dates import due_dates
from rightsdesk.law.decisions import decide_fields
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.sources import ErasureManifest
from rightsdesk.services.erase_person import PersonEraser
from rightsdesk.sources.directory import DataMapDirectory
from rightsdesk.sources.erasers import eraser_for
from rightsdesk.sources.readers import reader_for

_NOBODY = "0" * 32


@dataclasses.dataclass(frozen=True)
class DryRun:
    """`to_judge`: fields that staff weigh before they approve; until then they count as going. `laws`: that hold."""

    plan: ErasurePlan
    to_judge: int
    laws: tuple[str, ...]


def dry_run(
    email: str,
    *,
    client: Callable[[str], Any],
    data_map: DataMap,
    merchant: MerchantProfile,
    country: str,
    now: datetime,
) -> DryRun:
    """Where this mailbox was proven, and the person lives in `country`.

    Raises ValueError for what is no address, SourceUnavailableError, SourceBrokenError.
    """
    canonical = canonical_address(email)
    if canonical is None:
        raise ValueError(f"{email} is no e-mail address")
    directory = DataMapDirectory(data_map, lambda name: reader_for(data_map.sources[name], client=client))
    account = directory.account_of(canonical)
    identifiers = {"email": (canonical,)} | (account.identifiers if account else {})
    case = PrivacyRequest(
        request_id=_NOBODY,
        reference="",
        types=(RequestType.ERASURE,),
        status=Status.COLLECTING,
        received_at=now,
        door=Door.API,
        language="en",
        country=country,
        name="",
        email_as_typed=email,
        email=canonical,
        subject_key="",
        due=due_dates(now, country, merchant=merchant),
        datamap_version=data_map.version,
        assurance=Assurance.MAILBOX,
        identifiers=identifiers,
        waves=waves(data_map, identifiers),
        erasure=ErasureState(),
        event_hash=GENESIS,
    )
    decisions = decide_fields(case.types, data_map, case.due.laws)
    memory, manifest = _OneCase(case, decisions), _NotWritten()
    for name in case.sources:
        source = data_map.sources[name]
        PersonEraser(
            cases=cast("CaseStore", memory),
            manifest=cast("ErasureManifest", manifest),
            reader=reader_for(source, client=client),
            eraser=eraser_for(source, client=client),
            data_map=data_map,
            merchant=merchant,
            found=SpooledValues,
            discard=lambda _: None,
            clock=lambda: now,
        ).plan(case.request_id, name)
    return DryRun(
        plan=current_plan(case, memory.states),
        to_judge=sum(decision.judgement is not None for decision in decisions),
        laws=case.due.laws,
    )


class _OneCase:
    """Of a CaseStore what planning needs; what is not here can't be done in a dry run."""

    def __init__(self, case: PrivacyRequest, decisions: Sequence[FieldDecision]) -> None:
        self._case = case
        self._decisions = decisions
        self.states: dict[str, SourceErasure] = {}

    def get(self, request_id: str) -> PrivacyRequest:
        return self._case

    def decisions(self, request_id: str) -> Sequence[FieldDecision]:
        return self._decisions

    def erasure_shard(self, request_id: str, source: str, shard: object) -> SourceErasure | None:
        return self.states.get(source)

    def put_erasure(self, request_id: str, state: SourceErasure) -> None:
        self.states[state.source] = state

    def put_source(self, request_id: str, state: SourceState) -> None:
        """How far a task is, is shown to nobody."""


class _NotWritten:
    """Of an ErasureManifest: the rows are counted and forgotten, the identifiers are there for the next source."""

    def __init__(self) -> None:
        self._identifiers: dict[str, dict[str, None]] = {}

    def write_rows(self, request_id: str, collection: str, rows: Iterable[RowFound], shard: object = None) -> None:
        for _ in rows:
            pass

    def rows(self, request_id: str, collection: str, shard: object = None) -> Iterator[RowFound]:
        raise NotFoundError("a dry run writes no manifest")

    def write_identifiers(
        self, request_id: str, source: str, values: Iterable[tuple[str, str]], shard: object = None
    ) -> None:
        for kind, value in values:
            self._identifiers.setdefault(kind, {})[value] = None

    def identifiers(self, request_id: str, sources: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
        return {kind: tuple(values) for kind, values in self._identifiers.items()}
