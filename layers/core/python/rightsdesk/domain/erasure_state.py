"""How far the erasure of a case is: a part of the case. Codes, numbers and times."""

# serves: E-04, E-14

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.digests import canonical_sha256


class Approval(BaseModel):
    """Who looked at a plan of erasure and agreed. `second_by` is None while a second person has yet to."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    plan_sha256: str
    by: str  # staff user id
    by_approver: bool = False  # then the second may be anybody who works on cases
    second_by: str | None = None


class ErasedCollection(BaseModel):
    """What became of the rows of one collection. Codes of the map and numbers; each row counts once."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    collection: str
    deleted: int
    anonymised: int = Field(
        description="reduced: a part of the row went; the rest stays, and may still be joined by a number that it holds"
    )
    kept: int = Field(description="unchanged")
    searched_at: datetime


class ErasureCertificate(BaseModel):
    """That a person was erased: what was planned and done, and that a search found nothing left. No data of theirs."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    plan_sha256: str  # of the plan that two people approved last
    rounds: int
    datamap_version: str
    began_at: datetime
    certified_at: datetime
    collections: tuple[ErasedCollection, ...]

    @property
    def sha256(self) -> str:
        """Over the canonical JSON: keys sorted, no spaces, UTF-8."""
        return canonical_sha256(self.model_dump(mode="json"))

    @property
    def keeps(self) -> bool:
        """Whether anything stays: then it is a refusal in part (GDPR 17(3))."""
        return any(part.anonymised or part.kept for part in self.collections)

    @property
    def found(self) -> bool:
        """Whether there was anything of this person at all."""
        return any(part.deleted or part.anonymised or part.kept for part in self.collections)


class ErasureState(BaseModel):
    """How far the erasure of a case is. The plan itself stands source by source beside the case."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    consequence: bool = False  # of another right: what is left without a basis goes (17(1)(b), (c))
    round: int = 1  # of the plan
    asked_at: datetime | None = None  # when the person was told what goes, and what is lost with it
    confirmed_at: datetime | None = None  # by the person, in so many words
    undo_until: datetime | None = None
    nothing_to_erase: bool = False  # nothing was found: nobody was asked, and there is nothing to think over
    approval: Approval | None = None
    weighed: bool = False  # staff said which fields stay, of those that have to be weighed
    began_at: datetime | None = None  # from here on nothing can be undone
    begun_round: int | None = None  # of the plan that is carried out
    certificate: ErasureCertificate | None = None
    suppressed: tuple[str, ...] = ()  # kinds of identifiers of which a digest stays, as the data map names them

    @property
    def is_approved(self) -> bool:
        return self.approval is not None and self.approval.second_by is not None
