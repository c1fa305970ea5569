"""What staff do with a mail: make requests of it, add it to one, ask its sender, or say that it is none.

A mail is seldom dangerous and often unclear; every act is an event of its history, and none can be done twice.
"""

# serves: B-2, B-6, E-00

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.audit import AuditEvent, verify_chain
from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    MailBeingDecidedError,
    MailNotSettledError,
    NotFoundError,
    QuestionOpenError,
    UnsafeFileError,
    UnsafeSenderError,
    VersionMovedOnError,
)
from rightsdesk.domain.incoming_mail import SENSITIVE, MailAddress, Verdict
from rightsdesk.domain.letters import Letter, version_of
from rightsdesk.domain.mail_item import Dismissal, MailContent, MailItem, MailStatus, NewRequests, Purge
from rightsdesk.domain.mail_views import (
    MailLine,
    MailPage,
    MailView,
    MatchView,
    MessageList,
    ThreadLine,
    content_view,
    mail_line,
)
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import (
    ANSWERED_BY_COPY,
    Door,
    Language,
    PrivacyRequest,
    RequestType,
    Submission,
)
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.views import DownloadLink, Receipt
from rightsdesk.domain.words_of_staff import words_of_staff
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.mail import MailFiles, MailStore
from rightsdesk.ports.messages import Messages
from rightsdesk.ports.time import Clock

_CURSOR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}#[0-9a-f]{32}")
_PLACE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z)#([0-9a-f]{32})")
LINK_LIFETIME = timedelta(seconds=60)
CLAIM_HOLDS = timedelta(minutes=3)  # longer than any call lives
_FINISHES = 5  # so often a decision is tried to be noted while colleagues read the mail
_READING = frozenset({"mail_read", "mail_file_opened", "raw_mail_opened"})
_EARLIER = 50
_MATCHES = 5
_LONGEST_QUESTION = 2000
_LONGEST_DETAILS = 600
_NAME_LENGTH = 200


class TriageDesk:
    """Every method checks the role first. `find` gives a case by its reference as typed."""

    def __init__(
        self,
        *,
        mails: MailStore,
        files: MailFiles,
        cases: CaseStore,
        messages: Messages,
        letters: Correspondence,
        merchant: MerchantProfile,
        links: LinkSource,
        clock: Clock,
        find: Callable[[str], PrivacyRequest],
        submit: Callable[..., Receipt],
        new_id: Callable[[str], str],
    ) -> None:
        self._mails = mails
        self._files = files
        self._cases = cases
        self._messages = messages
        self._letters = letters
        self._merchant = merchant
        self._links = links
        self._clock = clock
        self._find = find
        self._submit = submit
        self._new_id = new_id

    # Reading

    def list_open(self, staff: StaffMember, limit: int, cursor: str | None) -> MailPage:
        """Raises InvalidInputError on `cursor`."""
        staff.require(Action.READ)
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise InvalidInputError.of("cursor", "wrong_format")
        items, after = self._mails.open_by_target(limit=limit, cursor=cursor)
        return MailPage(items=tuple(self._line(item) for item in items), next=after)

    def list_month(self, staff: StaffMember, month: str, limit: int, cursor: str | None) -> MailPage:
        """Every mail received in a month, oldest first: what is no request is registered, too.

        The cursor is when the last of a page was received, and its id: several may come at one moment. Raises
        InvalidInputError on `cursor`.
        """
        staff.require(Action.READ)
        place = _PLACE.fullmatch(cursor) if cursor is not None else None
        if cursor is not None and place is None:
            raise InvalidInputError.of("cursor", "wrong_format")
        after = (place[1], place[2]) if place else None
        found = list(islice(self._mails.received_in(month, after=after), limit + 1))
        shown = found[:limit]
        more = None
        if len(found) > limit:
            more = f"{shown[-1].received_at.isoformat().replace('+00:00', 'Z')}#{shown[-1].mail_id}"
        return MailPage(items=tuple(self._line(item) for item in shown), next=more)

    def messages(self, staff: StaffMember, typed_reference: str) -> MessageList:
        """The mails of a request, and its thread."""
        staff.require(Action.READ)
        found = []
        case = self._find(typed_reference)
        for mail_id in case.messages:
            try:
                found.append(self._mails.get(mail_id))
            except NotFoundError:
                continue  # its time has passed
        may_read = staff.may(Action.INSPECT)
        thread = tuple(
            ThreadLine(
                number=each.number,
                by=each.by,
                at=each.at,
                text=each.text if may_read else None,
                mail=each.mail,
                staff=each.staff,
            )
            for each in (self._messages.of(case.request_id) if case.thread else ())
        )
        return MessageList(items=tuple(self._line(item) for item in found), thread=thread)

    def view(self, staff: StaffMember, mail_id: str) -> MailView:
        """One mail. That its text was read is noted first, which moves the version on (abuse case 96)."""
        staff.require(Action.READ)
        item = self._mails.get(mail_id)
        content = None
        if staff.may(Action.TRIAGE):
            item = self._save(item, "mail_read", staff)
            content = self._content(item)
        return self._view(item, content)

    def file(self, staff: StaffMember, mail_id: str, number: int) -> DownloadLink:
        """A link to save one attachment. Raises UnsafeFileError where the mail service did not find it clean."""
        staff.require(Action.TRIAGE)
        item = self._mails.get(mail_id)
        content = self._content(item)
        wanted = next((each for each in content.files if each.number == number), None) if content else None
        if wanted is None or item.purged:
            raise NotFoundError("no such file")
        if item.verdicts.virus is not Verdict.PASS:
            raise UnsafeFileError("not found clean by the scan")
        self._save(item, "mail_file_opened", staff, details={"number": number})
        url = self._files.link(wanted.key, filename=wanted.name, lifetime=LINK_LIFETIME)
        return DownloadLink(
            url=url,
            name=wanted.name,
            bytes=wanted.bytes,
            sha256=wanted.sha256,
            expires_at=self._clock() + LINK_LIFETIME,
        )

    def raw(self, staff: StaffMember, mail_id: str) -> DownloadLink:
        """A link to save the mail as it came, for what was cut or could not be read. Raises UnsafeFileError."""
        staff.require(Action.TRIAGE)
        item = self._mails.get(mail_id)
        if item.raw_key is None or item.purged:
            raise NotFoundError("no raw mail")
        if item.verdicts.virus is not Verdict.PASS:
            raise UnsafeFileError("not found clean by the scan")
        raw = self._files.raw(item.raw_key)
        self._save(item, "raw_mail_opened", staff)
        name = f"{mail_id}.eml"
        return DownloadLink(
            url=self._files.link(item.raw_key, filename=name, lifetime=LINK_LIFETIME),
            name=name,
            bytes=len(raw),
            sha256=hashlib.sha256(raw).hexdigest(),
            expires_at=self._clock() + LINK_LIFETIME,
        )

    # Acting

    def make_requests(self, staff: StaffMember, mail_id: str, version: int, asked: NewRequests) -> MailView:
        """Requests of this mail, received when the mail was: one for each right, access first (GDPR 12(3)).

        Where it answers what staff asked about an earlier mail, they were received with that one, and it is settled,
        too: a question does not start the clock anew (EDPB 01/2022, 159). Run again after a failure it goes on where it
        stopped. Raises InvalidInputError, MailSettledError, VersionMovedOnError; MailBeingDecidedError while a
        colleague is carrying out another decision.
        """
        item = self._unsettled(staff, mail_id, version)
        content = self._content(item)
        submissions = [self._submission(group, asked, item, content) for group in grouped(asked.types)]
        first = self._asked_about(item)
        if first is not None:
            self._refuse_another(first, None)
        item = self._claim(item, staff, f"request {version_of(asked.model_dump_json())}")
        received_at = first.received_at if first else item.received_at
        sender = _sender_of(content)
        own_words = not asked.details and asked.email in (None, sender and sender.address)
        references = tuple(
            self._made(item, submission, received_at, content, own_words=own_words) for submission in submissions
        )
        if first is not None:
            self._requested(first, staff, references)
        return self._view(self._requested(item, staff, references), content)

    def attach(self, staff: StaffMember, mail_id: str, version: int, typed_reference: str) -> MailView:
        """Add it to a request. A closed one stays closed."""
        item = self._unsettled(staff, mail_id, version)
        case = self._find(typed_reference)
        item = self._claim(item, staff, f"attachment {case.reference}")

        def noted(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
            if mail_id in now.messages:
                return None
            return now.changed(
                "message_received",
                at=self._clock(),
                actor=staff.actor,
                details={"mail": mail_id},
                messages=(*now.messages, mail_id),
            )

        save_anyway(self._cases, case, noted)
        return self._view(
            self._finish(
                item,
                "message_attached",
                staff,
                details={"reference": case.reference},
                status=MailStatus.ATTACHED,
                attached_to=case.reference,
            ),
            self._content(item),
        )

    def ask(
        self, staff: StaffMember, mail_id: str, version: int, text: str | None, despite_doubts: bool = False
    ) -> MailView:
        """Ask the sender what they mean; the mail stays on the list. The letter goes out first.

        Where nothing shows that the mail is from whom it names, a letter may go to a victim: only `despite_doubts`.
        Raises InvalidInputError for the text, or on `sender` where no address can be answered; UnsafeSenderError;
        QuestionOpenError where the same was asked before.
        """
        item = self._unsettled(staff, mail_id, version)
        words = words_of_staff("text", text, longest=_LONGEST_QUESTION) if text is not None else None
        content = self._content(item)
        sender = content.senders[0].address if content and len(content.senders) == 1 else ""
        sender_key = item.sender_key
        if canonical_address(sender) is None or sender_key is None:
            raise InvalidInputError.of("sender", "not_an_address")
        if item.doubts and not despite_doubts:
            raise UnsafeSenderError("who wrote this is in doubt")
        item = self._claim(item, staff, f"clarification {version_of(words or '')}")
        language: Language = "ja" if item.language == "ja" else "en"
        for_another, links = "for_somebody_else" in item.held_for, self._links()
        is_new = self._letters.to_sender(
            item.mail_id,
            Letter.MAIL_QUESTION,
            {
                "received_on": item.received_at.astimezone(self._merchant.timezone).date(),
                "question": words,
                "for_another": for_another,
                "link": links.for_whom(language) if for_another else links.start(language),
            },
            to=sender,
            recipient_key=sender_key,
            language=language,
            version=version_of(words or ""),
        )
        if not is_new and item.asked_at is not None:
            raise QuestionOpenError("the same was asked before")
        return self._view(
            self._finish(item, "sender_asked", staff, status=MailStatus.ASKED, asked_at=self._clock()), content
        )

    def dismiss(self, staff: StaffMember, mail_id: str, version: int, reason: Dismissal) -> MailView:
        """It is no request: it leaves the list, and stays registered with the reason."""
        item = self._unsettled(staff, mail_id, version)
        self._refuse_another(item, None)
        after = self._save(
            item,
            "mail_dismissed",
            staff,
            details={"reason": str(reason)},
            status=MailStatus.DISMISSED,
            dismissed_for=reason,
        )
        return self._view(after, self._content(after))

    def purge(self, staff: StaffMember, mail_id: str, version: int, what: Purge) -> MailView:
        """Delete what should not have been sent (abuse case 73): its files, or, once it is settled, all it said.

        The raw mail goes with either, for it holds the files. What was decided is noted before anything is deleted:
        who comes too late deletes nothing. Asked again after a failure, it deletes what is left. Raises
        MailNotSettledError.
        """
        staff.require(Action.TRIAGE)
        item = self._seen(mail_id, version)
        if what == "all" and item.is_open:
            raise MailNotSettledError("first say what becomes of it")
        after = self._save(item, "mail_purged", staff, details={"what": what}, purged=True, files=0)
        content = self._content(after)
        keys = [each.key for each in content.files] if content else []
        if after.raw_key:  # stays in the record, so that it can be deleted again
            keys.append(after.raw_key)
        self._files.delete(keys)
        if what == "all":
            self._purge_details(after, staff)
            self._files.delete([self._files.content_key(mail_id)])  # last: only here stand the keys of the files
            return self._view(after, None)
        left = self._content(after)
        if left is not None:
            left = left.model_copy(update={"files": ()})
            self._files.put_content(mail_id, left)
        return self._view(after, left)

    # Pieces

    def _purge_details(self, item: MailItem, staff: StaffMember) -> None:
        """What the requests of this mail took over from its text goes with it."""
        for reference in item.requests:
            case = self._cases.find(reference)

            def purged(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
                if now.details is None:
                    return None
                cleared = now.model_copy(update={"details": None})
                return cleared.changed("details_purged", at=self._clock(), actor=staff.actor)

            save_anyway(self._cases, case, purged)

    def _claim(self, item: MailItem, staff: StaffMember, decision: str) -> MailItem:
        """Say what is going to be done before anything is: of two who decide at once, one is told so first.

        The same decision again goes on where it stopped. Another one is refused while somebody may be at it.
        """
        self._refuse_another(item, decision)
        now = self._clock()
        if item.claimed == decision and (item.claimed_at is None or now - item.claimed_at < CLAIM_HOLDS / 2):
            return item
        return self._save(
            item,
            "decision_begun",
            staff,
            details={"what": decision.split()[0]},
            claimed=decision,
            claimed_at=now,
        )

    def _refuse_another(self, item: MailItem, decision: str | None) -> None:
        """Raise MailBeingDecidedError while a decision that is not `decision` is being carried out."""
        young = item.claimed_at is not None and self._clock() - item.claimed_at < CLAIM_HOLDS
        if young and item.claimed != decision:
            raise MailBeingDecidedError("another decision about this mail is being carried out")

    def _finish(
        self,
        item: MailItem,
        event_type: str,
        staff: StaffMember,
        *,
        details: dict[str, str | int | bool | list[str]] | None = None,
        **changes: object,
    ) -> MailItem:
        """Note a decision that is carried out, also where the mail was read meanwhile. Else ConflictError."""
        for attempt in range(1, _FINISHES + 1):
            try:
                return self._save(item, event_type, staff, details=details, claimed_at=None, **changes)
            except ConflictError:
                now = self._mails.get(item.mail_id)
                if attempt == _FINISHES or not self._only_read(item, now):
                    raise
                item = now
        raise AssertionError("the last attempt returns or raises")

    def _only_read(self, before: MailItem, now: MailItem) -> bool:
        since = [event.type for event in self._mails.timeline(now.mail_id) if event.sequence > before.event_sequence]
        same_claim = (now.claimed, now.claimed_at) == (before.claimed, before.claimed_at)
        return same_claim and _READING.issuperset(since)

    def _submission(
        self, types: tuple[RequestType, ...], asked: NewRequests, item: MailItem, content: MailContent | None
    ) -> Submission:
        sender = _sender_of(content)
        email = asked.email or (sender.address if sender else "")
        if canonical_address(email) is None:
            raise InvalidInputError.of("email", "not_an_address")
        name = asked.name or (" ".join(sender.name.split()) if sender else "") or email.partition("@")[0]
        said = content.new_text.strip() if content and not SENSITIVE.intersection(item.flags) else ""
        details = asked.details or said
        return Submission(
            types=types,
            email=email,
            name=name[:_NAME_LENGTH],
            country=asked.country,
            region=asked.region,
            language=asked.language,
            details=details[:_LONGEST_DETAILS].strip() or None,
            door=Door.EMAIL,
        )

    def _asked_about(self, item: MailItem) -> MailItem | None:
        """The earlier mail that this one answers, while it waits."""
        if item.answers is None:
            return None
        earlier = self._mails.get(item.answers)
        return earlier if earlier.is_open else None

    def _requested(self, item: MailItem, staff: StaffMember, references: tuple[str, ...]) -> MailItem:
        return self._finish(
            item,
            "request_created",
            staff,
            details={"references": list(references)},
            status=MailStatus.REQUESTED,
            requests=references,
        )

    def _made(
        self,
        item: MailItem,
        submission: Submission,
        received_at: datetime,
        content: MailContent | None,
        *,
        own_words: bool,
    ) -> str:
        request_id = self._new_id(f"{item.mail_id} {'+'.join(submission.types)}")
        try:
            receipt = self._submit(
                submission,
                new_id=lambda: request_id,
                received_at=received_at,
                mail_id=item.mail_id,
                family=item.mail_id,
                mailbox_proven=_is_from(submission.email, item, content),
                own_words=own_words,
            )
        except ConflictError:  # it was made when this was run before
            return self._cases.get(request_id).reference
        return receipt.reference

    def _unsettled(self, staff: StaffMember, mail_id: str, version: int) -> MailItem:
        staff.require(Action.TRIAGE)
        item = self._seen(mail_id, version)
        item.require_unsettled()
        return item

    def _seen(self, mail_id: str, version: int) -> MailItem:
        item = self._mails.get(mail_id)
        if item.version != version:
            raise VersionMovedOnError("the mail has changed since it was looked at")
        return item

    def _save(
        self,
        item: MailItem,
        event_type: str,
        staff: StaffMember,
        *,
        details: dict[str, str | int | bool | list[str]] | None = None,
        **changes: object,
    ) -> MailItem:
        after, event = item.changed(event_type, at=self._clock(), actor=staff.actor, details=details, **changes)
        self._mails.save(item, after, event)
        if after.expires_at is None:
            if item.expires_at is not None:
                self._mails.reopen(after.mail_id)
        elif after.expires_at != item.expires_at:
            self._mails.retire(after.mail_id, expires_at=after.expires_at)
        return after

    def _content(self, item: MailItem) -> MailContent | None:
        try:
            return self._files.content(item.mail_id)
        except NotFoundError:
            return None

    def _line(self, item: MailItem) -> MailLine:
        return mail_line(item, now=self._clock(), zone=self._merchant.timezone)

    def _view(self, item: MailItem, content: MailContent | None) -> MailView:
        events = self._mails.timeline(item.mail_id)
        return MailView(
            **self._line(item).model_dump(),
            version=item.version,
            verdicts=item.verdicts,
            content=content_view(content) if content else None,
            matches=self._matches(item),
            earlier_mails=len(self._earlier(item)),
            same_as=item.same_as,
            answers=item.answers,
            dismissed_for=item.dismissed_for,
            asked_at=item.asked_at,
            settled_at=item.settled_at,
            purged=item.purged,
            intact=verify_chain(events, expected_head=(item.event_sequence, item.event_hash)) is None,
        )

    def _earlier(self, item: MailItem) -> list[str]:
        if item.sender_key is None:
            return []
        return [
            mail_id for mail_id in self._mails.of_sender(item.sender_key, limit=_EARLIER) if mail_id != item.mail_id
        ]

    def _matches(self, item: MailItem) -> tuple[MatchView, ...]:
        """Requests of this address, newest first, then those that the mail names and that there are."""
        found: dict[str, MatchView] = {}
        for request_id in self._cases.of_subject(item.sender_key)[:_MATCHES] if item.sender_key else ():
            case = self._cases.get(request_id)
            found[case.reference] = MatchView(reference=case.reference, by="address", open=case.is_open)
        for reference in item.suggestions:
            if reference in found:
                continue
            try:
                case = self._cases.find(reference)
            except NotFoundError:
                continue
            found[reference] = MatchView(reference=reference, by="named", open=case.is_open)
        return tuple(found.values())


def _sender_of(content: MailContent | None) -> MailAddress | None:
    """The first who is named, where anybody is."""
    return content.senders[0] if content and content.senders else None


def _is_from(address: str, item: MailItem, content: MailContent | None) -> bool:
    """Whether the mail came from this mailbox, beyond doubt."""
    if item.doubts or content is None or len(content.senders) != 1:
        return False
    return canonical_address(content.senders[0].address) == canonical_address(address)


def grouped(types: Sequence[RequestType]) -> list[tuple[RequestType, ...]]:
    """Types as requests: what one package answers is one; access before all others, erasure last."""
    distinct = list(dict.fromkeys(types))
    package = tuple(sorted(kind for kind in distinct if kind in ANSWERED_BY_COPY))
    others = [(kind,) for kind in distinct if kind not in ANSWERED_BY_COPY]
    others.sort(key=lambda group: group[0] is RequestType.ERASURE)
    return ([package] if package else []) + others
