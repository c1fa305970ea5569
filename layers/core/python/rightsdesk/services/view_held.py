"""Read the rows about other people that wait for a decision (GDPR 15(4)), noted in the history of the case."""

# serves: B-2, E-02

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rightsdesk.domain.case_views import HeldCollection, HeldContent, HeldLabel
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.review import require_awaiting_review, rows_to_decide
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.sources import RecordStore
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # the door for staff reads the map when rows are asked for
    from rightsdesk.domain.datamap import Collection, DataMap

SHOWN = 50  # rows of a collection
LARGEST = 2_000_000  # characters of all rows, as JSON in ASCII: a Lambda function answers with 6 MB at most


def view_held_rows(
    staff: StaffMember,
    typed_reference: str,
    *,
    find: Callable[[str], PrivacyRequest],
    cases: CaseStore,
    records: RecordStore,
    data_map: Callable[[], "DataMap"],
    clock: Clock,
) -> HeldContent:
    """The first rows of each collection, as they would be given, with the fields that are about other people.

    It is noted before anything is read, which moves the version of the case on: the answer tells the new one, to
    release by. Raises NotAllowedError, NotFoundError, ConflictError (NotAwaitingReviewError).
    """
    staff.require(Action.INSPECT)
    case = find(typed_reference)
    require_awaiting_review(case)
    held = rows_to_decide(case, cases.sources(case.request_id).values())
    after, event = case.changed("held_rows_read", at=clock(), actor=staff.actor, details={"collections": [*held]})
    cases.save(case, after, event)
    described = {collection.path: collection for collection in data_map().collections} if held else {}
    room = LARGEST
    collections = []
    for path, total in held.items():
        collection = described[path]
        rows: list[Record] = []
        for row in _held(collection, records.read(case.request_id, path)):
            room -= len(json.dumps(row))
            if room < 0 or len(rows) == SHOWN:
                break
            rows.append(row)
        collections.append(
            HeldCollection(
                collection=path,
                label=HeldLabel(en=collection.label.en, ja=collection.label.ja),
                rows=tuple(rows),
                others=collection.about_others,
                shown=len(rows),
                total=total,
            )
        )
    return HeldContent(version=after.version, collections=tuple(collections))


def _held(collection: "Collection", records: Iterator[Record]) -> Iterator[Record]:
    return (record for record in records if collection.names_others(record))
