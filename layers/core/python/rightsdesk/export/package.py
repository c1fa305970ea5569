"""What a package is made from (`PackageContext`, `CollectionInput`) and what is known at the end (`PackageSummary`).

Plain values only: nothing here knows where records come from or where the parts go.
"""

# serves: E-02, E-07

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.datamap import Collection, DataMap
from rightsdesk.domain.fields import Label
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import ANSWERED_BY_COPY, Language, RequestType, Treatment, Withholding
from rightsdesk.export.archive import MAX_PART_BYTES
from rightsdesk.law.applicability import Law

_TELLS_PROVISIONS = frozenset({RequestType.ACCESS, RequestType.INFORMATION, RequestType.PROVISION_RECORDS})
LANGUAGES: tuple[Language, ...] = ("en", "ja")


@dataclass(frozen=True)
class Controller:
    """Who answers, from the merchant's configuration. What is None leaves no trace in the package."""

    name: Label
    email: str
    address: Label | None = None
    head: Label | None = None  # who represents the business (APPI 32(1)(i))
    security_measures: Label | None = None  # how data are kept safe (APPI 32(1)(iv))
    country: str | None = None
    representative_in_the_eu: Label | None = None
    data_protection_officer: Label | None = None


@dataclass(frozen=True)
class PackageContext:
    """Everything about the request that the package says. Times are aware; `zone` is the one they are shown in.

    `subject` is the binding hash of the verified person (abuse case 90): it names nobody, and must be the one of the
    case when the package is released. `laws` choose the articles that are named, `country` and `region` (where the
    person lives) the authority, `name` whom the letter greets.
    """

    reference: str
    types: tuple[RequestType, ...]
    language: Language
    laws: tuple[Law, ...]
    subject: str
    received_at: datetime
    due_on: date
    generated_at: datetime
    generator: str
    zone: str
    controller: Controller
    datamap: DataMap
    name: str | None = None
    country: str | None = None
    region: str | None = None

    @property
    def received_on(self) -> date:
        return self.received_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def answered_on(self) -> date:
        return self.generated_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def gives_access(self) -> bool:
        return RequestType.ACCESS in self.types

    @property
    def gives_copy(self) -> bool:
        """Whether the data themselves are in the package; else what is said of them (`ANSWERED_BY_ACCOUNT`)."""
        return not ANSWERED_BY_COPY.isdisjoint(self.types)

    @property
    def tells_provisions(self) -> bool:
        """Whether the answer says what was provided to whom (GDPR 15(1)(c), APPI 33(5))."""
        return not _TELLS_PROVISIONS.isdisjoint(self.types)

    @property
    def gives_portability(self) -> bool:
        return RequestType.PORTABILITY in self.types


@dataclass(frozen=True)
class CollectionInput:
    """What was collected from one collection. `records` can be opened again and gives the same rows each time.

    `held_back` are the fields that staff decided not to give: field -> why. `withheld` (fields that are never
    disclosed) and `undescribed` (fields that the map does not know) say what was left out when the records were
    collected: field -> rows that have it.
    """

    collection: Collection
    status: Literal["ok", "empty"]
    as_of: datetime
    rows: int
    records: Callable[[], Iterable[Record]]
    treatment: Treatment = Treatment.WITHHOLD
    held_back: Mapping[str, Withholding] = field(default_factory=dict)
    withheld: Mapping[str, int] = field(default_factory=dict)
    undescribed: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.status == "empty") != (self.rows == 0):
            raise ValueError(f"{self.collection.path} is {self.status} with {self.rows} rows")


@dataclass(frozen=True)
class PackageLimits:
    """Where a part, a file and a table end. `reserve_bytes` of a part are kept for what is written last."""

    part_bytes: int = MAX_PART_BYTES
    reserve_bytes: int = 16 * 1024**2
    file_bytes: int = 1024**3
    csv_rows: int = 1_000_000  # a spreadsheet opens 1,048,576 at most
    shown_rows: int = 10


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Withheld(_Model):
    """Something that was kept back: a field of every row, whole rows, or fields that the data map does not describe."""

    source: str
    collection: str
    what: Literal["field", "rows", "undescribed_fields"]
    field: str | None
    rows: int
    ground: str
    article: tuple[str, ...]
    reason: Label
    until: date | None = None


class PartSummary(_Model):
    """One ZIP as written, in the order of the parts."""

    name: str
    bytes: int
    sha256: str
    manifest_sha256: str


class PackageSummary(_Model):
    """For the case, the letter and staff. `undescribed` (collection path -> names) is for staff only.

    `rows` are those given, or where no copy is those that are held; `withheld_rows` those held back whole. `found` is
    False where no source holds anything about the person. `manifest_sha256` is that of the first part.
    """

    parts: tuple[PartSummary, ...]
    files: int
    rows: int
    withheld_rows: int
    found: bool
    manifest_sha256: str
    withheld: tuple[Withheld, ...]
    undescribed: dict[str, tuple[str, ...]]
