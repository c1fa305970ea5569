"""What the JSON door for staff takes. Extra fields are refused (abuse case 51); dates and versions are never theirs."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from rightsdesk.domain.case_views import Draft
from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.correction import MOST_CORRECTIONS, Value
from rightsdesk.domain.decision_review import ReviewResult
from rightsdesk.domain.erasure_review import HoldReason
from rightsdesk.domain.letters import Contact
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.register import RegisterRow
from rightsdesk.domain.request import Language, NameInMap, PlainLine, PlainText, Treatment
from rightsdesk.domain.safeguard_state import SpecialKind
from rightsdesk.law.refusal_grounds import REFUSAL_GROUNDS
from rightsdesk.web.api_models import Body, Query

_PAGE = 25
_MAX_PAGE = 100


def _digits(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6 else value


SeenVersion = Annotated[
    int,
    Field(
        strict=True,
        ge=1,
        le=2**31,
        description="`version` of the case as it was last read; to preview it or to read its held rows gives a new one",
    ),
]
_TREATMENTS = (
    "What becomes of rows about other people, by collection (`orders/orders`). `withhold`: these rows are left out; "
    "`redact`: they are given without the fields about other people; `give`: they are given whole."
)
_KEPT = (
    "Fields that were to go, or to be weighed, and stay as they are: field of the data map -> one of `grounds` of its "
    "decisions. Needed where an erasure or an objection leaves anything to judge; `{}`: nothing stays. Of what is "
    "objected to, all fields of a purpose stay, or none: `whole_purpose` names those that are left out."
)
_REASONS = (
    "Of an objection: each purpose that is gone on with -> what compels in this case, and outweighs this person's "
    "situation (GDPR 21(1)), in the language of the person; a line of the letter. `purposes` of the decisions has them."
)
_EVERY_GROUND = sorted({ground for rights in REFUSAL_GROUNDS.values() for known in rights.values() for ground in known})
_GROUNDS = (
    "One of `allowed_grounds` of the case: each law gives its own for each right. `gdpr_12_5`: manifestly unfounded or "
    "excessive; `gdpr_15_4`: rights of others; `gdpr_11_2`: can't be identified; `not_the_subject`: somebody else's "
    "data. All there are: " + ", ".join(f"`{ground}`" for ground in _EVERY_GROUND) + "."
)
_EXTENSION_REASONS = (
    "The two that the law knows: `complexity` of the request, or `number_of_requests` of this person. That the office "
    "has much to do is none."
)
_QUESTION_KINDS = (
    "`identity`: there is reasonable doubt who is asking; `clarification`: it is not clear what is asked for. Both "
    "stop the clock until the answer, if asked within 3 working days of receipt. Never ask for an identity card."
)

Treatments = dict[Annotated[str, Field(max_length=128)], Treatment]
Ground = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
ForLetter = Annotated[PlainText, Field(min_length=1, max_length=2000)]
Done = Annotated[PlainText, Field(min_length=1, max_length=4000)]
FieldPath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:/-]{1,200}$")]
Kept = dict[FieldPath, Ground]
Reasons = dict[NameInMap, Annotated[PlainLine, Field(min_length=1, max_length=1000)]]
Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]


class WorkListQuery(Query):
    """A page of the work list; `cursor` is `next` of the page before."""

    limit: Annotated[int, Field(strict=True, ge=1, le=_MAX_PAGE), BeforeValidator(_digits)] = _PAGE
    cursor: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


class PreviewBody(Body):
    """Which part of the draft, from 1. Most packages have one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    part: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1


class AssignmentBody(Body):
    """Who is to work on the case: the `sub` of a member of staff, `me` for oneself, or null for nobody."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"assignee": "8f14e45f-ceea-467f-a8b1-3d1c1b9a7c52"}]})

    assignee: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")] | None


class ExtensionBody(Body):
    """Take longer, once, counted from receipt. The person is told first, with the reasons of this case."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 7,
                    "reason": "complexity",
                    "explanation": "Your orders go back to 2009 and lie in two archives that we search by hand.",
                }
            ]
        }
    )

    version: SeenVersion
    reason: Annotated[ExtensionReason, Field(description=_EXTENSION_REASONS)]
    explanation: Annotated[ForLetter, Field(description="why, in this case; a part of the letter")]


class ReviewBody(Body):
    """What came of the review of an automated decision. The letter gives the result and the reasons."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 8,
                    "decision": "payment_fraud_check",
                    "result": "changed",
                    "reasons": "Two orders on one day were counted as misuse. They were gifts, and were both paid.",
                }
            ]
        }
    )

    version: SeenVersion
    decision: Annotated[NameInMap | None, Field(description="its name in the register; null where there was none")] = (
        None
    )
    result: ReviewResult
    reasons: ForLetter


class StaffMessageBody(Body):
    """A message to the person. Its words stand on the page; in the mail only where it is a question or complaint."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 7, "text": "We have found the order, and look into it today."}]}
    )

    version: SeenVersion
    text: ForLetter


class QuestionBody(Body):
    """Ask the person one thing. The letter says what is wanted and why, and that the clock waits meanwhile."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 7,
                    "kind": "clarification",
                    "text": "Do you mean your orders as a guest in 2019, your account, or both?",
                }
            ]
        }
    )

    version: SeenVersion
    kind: Annotated[QuestionKind, Field(description=_QUESTION_KINDS)]
    text: Annotated[ForLetter, Field(description="the question, in the language of the person")]


class ContactBody(Body):
    """A letter came back, and the person was told what it says in another way."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 9, "letter": "extended", "by": "post"}]})

    version: SeenVersion
    letter: Annotated[str, Field(pattern=r"^[a-z_]{1,64}$", description="one of `undelivered` of the case")]
    by: Contact


class ReleaseBody(Body):
    """Release the package. `held` needs a decision for each collection in `held` of the case, and for no other."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 7, "held": {"orders/orders": "redact"}}]})

    version: SeenVersion
    held: Treatments = Field({}, max_length=200, description=_TREATMENTS)
    send: StrictBool | None = Field(
        None,
        description="whether the portable part goes to the address that the person named (`transfer` of the case): it "
        "has to be said where there is one, and only there",
    )
    send_refused: Annotated[
        ForLetter | None, Field(description="why it is not sent, in the language of the person; with `send: false`")
    ] = None


class CompletionBody(Body):
    """What was asked for is carried out in the merchant's own systems: say what was done, and the answer goes out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 7,
                    "done": "We have stopped to use your purchases for recommendations.",
                    "kept": {"shop/members.fraud_score": "gdpr_21_1", "orders/orders.fraud_check": "gdpr_21_1"},
                    "reasons": {"fraud_prevention": "Three orders on invoice were not paid, and a fourth one is open."},
                }
            ]
        }
    )

    version: SeenVersion
    done: Annotated[Done, Field(description="in the language of the person; a part of the letter")]
    kept: Kept | None = Field(None, max_length=500, description=_KEPT)
    reasons: Reasons | None = Field(None, max_length=50, description=_REASONS)


class CorrectionBody(Body):
    """One field, what is held in it, and what is right."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"field": "shop/members.phone", "old": "03-1234-5678", "new": "03-1234-5679"}]}
    )

    field: FieldPath
    old: Annotated[
        Value | None, Field(description="as it is held; null: nothing is, and it is completed. Decimals as text")
    ]
    new: Annotated[Value, Field(description="as it is to be held, in the form that the data map asks for")]
    where: Annotated[
        dict[FieldPath, Value],
        Field(
            default={},
            max_length=10,
            description="what other fields of the same row hold, by name: only rows that hold this are corrected, in "
            "this collection only. {}: every row that holds `old`, wherever the map says that it is the same",
        ),
    ]
    evidence: Annotated[
        PlainText | None,
        Field(max_length=2000, description="what bears it out; needed where `corrected_by` is `staff`. For the record"),
    ] = None


class DisputeBody(Body):
    """A conclusion about the person that they hold to be wrong: it stays, and the note is recorded beside it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"field": "shop/members.segment", "note": "I never look for bargains."}]}
    )

    field: FieldPath
    note: Annotated[PlainText, Field(min_length=1, max_length=1000, description="what the person says, in their words")]


class CorrectionsBody(Body):
    """What is wrong and what is right, in fields and values. It replaces what was stated before.

    The desk then looks in every source for the old values. Where how the person is reached would change (category
    `contact`) and the mailbox is all that was proven, the person is first asked for an order number and its postcode.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 7,
                    "corrections": [{"field": "shop/members.name", "old": "Jane Murphy", "new": "Jane O'Brien"}],
                    "disputed": [{"field": "shop/members.segment", "note": "I never look for bargains."}],
                }
            ]
        }
    )

    version: SeenVersion
    corrections: Annotated[tuple[CorrectionBody, ...], Field(max_length=MOST_CORRECTIONS)] = ()
    disputed: Annotated[tuple[DisputeBody, ...], Field(max_length=MOST_CORRECTIONS)] = ()


class CorrectionApprovalBody(Body):
    """Agree with the plan of a correction: it is looked at once more, and carried out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 9, "plan_sha256": "5e" * 32}]})

    version: SeenVersion
    plan_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="of the plan that was looked at")]


class ErasureApprovalBody(Body):
    """Agree with the plan of an erasure: two people have to, one after the other, and one of them is an approver."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 9, "plan_sha256": "5e" * 32, "kept": {}}]})

    version: SeenVersion
    plan_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="of the plan that was looked at")]
    kept: Kept | None = Field(
        None, max_length=500, description=f"{_KEPT} Said by the first; said anew, the plan is made again."
    )
    reasons: Reasons | None = Field(None, max_length=50, description=f"{_REASONS} Said with `kept`.")


class LiftRestrictionBody(Body):
    """Why a restriction ends, in words for the person: they are told first, and it ends seven days later."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 9, "reason": "We have checked your address, and it is right."}]}
    )

    version: SeenVersion
    reason: Annotated[PlainText, Field(min_length=1, max_length=1000)]


StaffHoldReason = Literal[HoldReason.LEGAL_CLAIM, HoldReason.OPEN_DISPUTE, HoldReason.AUTHORITY]
"""One by a restriction comes and goes with it."""


class MandateBody(Body):
    """Whether somebody may ask for the person, and why you think so."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"version": 9, "accepted": True, "reason": "The lawyer's register names her, and we called her office."}
            ]
        }
    )

    version: SeenVersion
    accepted: Annotated[bool, Field(strict=True, description="False: nothing leaves; refuse, as `not_the_subject`")]
    reason: Annotated[PlainText, Field(min_length=1, max_length=1000, description="for the record alone")]


class SpecialCaseBody(Body):
    """Something about who asks that an approver has to decide upon before anything leaves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 9, "kind": "household"}]})

    version: SeenVersion
    kind: Annotated[
        SpecialKind,
        Field(description="`household`: several people read this mailbox; `minor`; `deceased`: the heirs ask"),
    ]


class ReasonBody(Body):
    """Why the request may go on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"version": 9, "reason": "Both of them share the account, and both agree."}]}
    )

    version: SeenVersion
    reason: Annotated[PlainText, Field(min_length=1, max_length=1000, description="for the record alone")]


class HoldBody(Body):
    """A hold on all that is known of the person, placed or lifted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 9, "reason": "open_dispute"}]})

    version: SeenVersion
    reason: Annotated[
        StaffHoldReason,
        Field(
            description="`legal_claim`: data are needed for a claim; `open_dispute`: it is argued about them; "
            "`authority`: an authority or a court has ordered that they be kept"
        ),
    ]


class RefusalBody(Body):
    """Refuse the request. The person is told the ground and the reason, and where to complain.

    As manifestly unfounded or excessive (`gdpr_12_5`) it needs `evidence`, and a second person to confirm it; anybody
    who works on cases may propose that.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 7,
                    "ground": "gdpr_12_5",
                    "reason": "The same request was answered in full last week.",
                    "evidence": "RD-0K3C-77PW-D, answered on 16 November 2026; nothing was added since.",
                }
            ]
        }
    )

    version: SeenVersion
    ground: Annotated[Ground, Field(description=_GROUNDS)]
    reason: Annotated[ForLetter, Field(description="in plain words, for the letter")]
    evidence: Annotated[ForLetter, Field(description="what bears the ground out; for the record alone")] | None = None


class NoticeNoteBody(Body):
    """What a recipient of the data has said or done, noted by staff."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"version": 14, "state": "done"},
                {
                    "version": 14,
                    "state": "done_in_part",
                    "reason": "Two parcels are on their way, and keep the old label.",
                },
            ]
        }
    )

    version: SeenVersion
    state: Annotated[
        Literal[
            NoticeState.SENT,
            NoticeState.ACKNOWLEDGED,
            NoticeState.DONE,
            NoticeState.DONE_IN_PART,
            NoticeState.IMPOSSIBLE,
        ],
        Field(
            description="`sent`: they were told; `acknowledged`: they are at it; `done`: all of it; `done_in_part` and "
            "`impossible` need their `reason`, and wait for an approver"
        ),
    ]
    reason: (
        Annotated[
            PlainText, Field(min_length=1, max_length=1000, description="why it is not done, or not all, as they say")
        ]
        | None
    ) = None


class NoticeRestBody(Body):
    """Why it is good enough that a recipient has not done it, or not all of it (GDPR 19)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"version": 15, "state": "impossible", "reason": "They were wound up in 2024, and nobody has the data."}
            ]
        }
    )

    version: SeenVersion
    state: Annotated[
        Literal[NoticeState.IMPOSSIBLE, NoticeState.DONE_IN_PART, NoticeState.DISPROPORTIONATE],
        Field(description="`disproportionate`: to tell them would take an effort out of all proportion"),
    ]
    reason: Annotated[PlainText, Field(min_length=1, max_length=1000)]


class NoticeAgainBody(Body):
    """A recipient is told once more."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 15}]})

    version: SeenVersion


class ConfirmationBody(Body):
    """A second person agrees to the refusal that was proposed, as the case stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 8}]})

    version: SeenVersion


class TransferRetryBody(Body):
    """The transfer that failed is tried again, as the case stands: to the same address, on the same approval."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 11}]})

    version: SeenVersion


class WithheldField(Body):
    """Why one field is withheld."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ground": "gdpr_15_4", "reason": "It names who sent you the gift."}]}
    )

    ground: Annotated[Ground, Field(description="one of `grounds` of the decisions of the case")]
    reason: Annotated[
        PlainLine,
        Field(min_length=1, max_length=300, description="in this case, in the language of the person; for the letter"),
    ]


class WithholdingBody(Body):
    """Which fields are withheld, and why each. It replaces what was said before: `{}` withholds nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 7,
                    "withheld": {
                        "shop/members.segment": {
                            "ground": "gdpr_15_4",
                            "reason": "It would show how another member of your household was assessed.",
                        }
                    },
                }
            ]
        }
    )

    version: SeenVersion
    withheld: Annotated[
        dict[FieldPath, WithheldField],
        Field(max_length=500, description="field of the data map (`shop/members.segment`) -> ground and reason"),
    ]


class LetterDraftBody(Body):
    """A letter to look at before it goes out, with what its call takes: nothing is sent and nothing noted.

    `extended`: `reason` (a code) and `explanation`. `identity_question`, `clarification_question`: `text`. `refused`:
    `ground`, `reason` and, where it is needed, `evidence`. `answer`: `done`, and `kept` and `reasons` as the completion
    takes them; or, where a package is the answer, `held` if rows about other people are not simply left out. The
    digests of files are those of the draft. `send` and `send_refused` as the release takes them.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "letter": "extended",
                    "reason": "complexity",
                    "explanation": "Your orders go back to 2009 and lie in two archives that we search by hand.",
                }
            ]
        }
    )

    letter: Draft
    reason: ForLetter | None = None
    explanation: ForLetter | None = None
    text: ForLetter | None = None
    ground: Ground | None = None
    evidence: ForLetter | None = None
    done: Done | None = None
    kept: Kept | None = Field(None, max_length=500, description=_KEPT)
    reasons: Reasons | None = Field(None, max_length=50, description=_REASONS)
    held: Treatments | None = Field(None, max_length=200, description=_TREATMENTS)
    send: StrictBool | None = Field(None, description="as the release takes it")
    send_refused: ForLetter | None = None


class RegisterQuery(Query):
    """The months of receipt, both included, and the form of the answer."""

    first: Annotated[Month, Field(alias="from")]
    last: Annotated[Month, Field(alias="to")]
    format: Literal["json", "csv"] = "json"


class RegisterAnswer(BaseModel):
    """One pseudonymous row for each request received in these months, oldest first. Months are of receipt, in UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    rows: tuple[RegisterRow, ...]


class ReportQuery(Query):
    """The form of the answer, and the language of text and plot; without one, the merchant's for staff."""

    format: Literal["json", "text", "svg"] = "json"
    language: Language | None = None
