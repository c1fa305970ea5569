"""The plan of an erasure as staff read it before they approve it: numbers and names of the map, nobody's data."""

# serves: B-2, E-04, E-15

from datetime import datetime
from typing import Literal

from pydantic import Field

from rightsdesk.domain.erasure_plan import ErasureStage
from rightsdesk.domain.erasure_review import ErasurePhase, Hold
from rightsdesk.domain.erasure_state import Approval, ErasureCertificate
from rightsdesk.domain.fields import Label
from rightsdesk.domain.views import KeptView, LossView, View


class CollectionErasure(View):
    """What becomes of the rows of one collection, and what came of them so far."""

    collection: str = Field(description="as in the data map: `shop/orders`")
    label: Label
    delete: int = Field(description="rows that go; `delete`, `anonymise` and `keep` add up to the rows that were found")
    anonymise: int = Field(
        description="rows that are reduced: a part of them goes. "
        "The rest stays as `kept` says, and may still be joined by a number that it holds: it is not anonymous"
    )
    keep: int = Field(description="rows that stay unchanged")
    kept: tuple[KeptView, ...] = Field(
        description="of the rows that stay, whole or in part: why, and until when. "
        "Rows that stay under a law and on a ground are in both entries"
    )
    losses: tuple[LossView, ...] = Field(description="what the person was told that they lose with it")
    deleted: int = Field(description="so far, over all rounds")
    anonymised: int = Field(description="reduced, so far")
    changed: int = Field(description="rows that were not as planned when their turn came: left alone, planned again")
    residue: int = Field(description="rows that were still there when it was searched again")


class SourceErasing(View):
    """How far one source is, in this round."""

    source: str
    stage: ErasureStage | Literal["pending"]
    at: datetime | None
    searched_at: datetime | None
    error: str | None


class ErasurePlanView(View):
    """All of it. `plan_sha256` is what an approval names; null while a source is not planned."""

    reference: str
    version: int
    state: ErasurePhase
    round: int = Field(description="from 1; where data change in between, the plan is made and approved again")
    plan_sha256: str | None
    delete: int
    anonymise: int = Field(description="rows that are reduced: a part of them goes, and the rest is not anonymous")
    keep: int = Field(description="rows that stay unchanged")
    collections: tuple[CollectionErasure, ...]
    sources: tuple[SourceErasing, ...]
    asked_at: datetime | None
    confirmed_at: datetime | None
    undo_until: datetime | None
    nothing_to_erase: bool = Field(description="nothing was found, so nobody was asked to confirm anything")
    weighed: bool = Field(description="false: the first approval has to say in `kept` which fields stay")
    approval: Approval | None = Field(description="who agreed with which plan; two have to")
    holds: tuple[Hold, ...] = Field(description="why nothing of this person may be erased for the time being")
    goes_first: str | None = Field(description="reference of an access request of the same person that is not answered")
    began_at: datetime | None
    certificate: ErasureCertificate | None
    certificate_sha256: str | None
