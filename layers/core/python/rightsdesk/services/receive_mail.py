"""Take in a mail: read it, keep it, and do what may be done by itself. The only way in which a mail comes to be.

Everything here can be run again, for the queue delivers a mail until it is taken: what was done before is found done.
Whatever can't be read or is doubtful waits for staff, with the clock running from when the mail service had it.
"""

# serves: B-6, E-00

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC

from rightsdesk.domain.address import canonical_address, masked_address
from rightsdesk.domain.errors import ConflictError, NotFoundError, ServiceUnavailableError, ThreadFullError
from rightsdesk.domain.identity import keyed_id, subject_key
from rightsdesk.domain.incoming_mail import Envelope, IncomingMail, MailFlag
from rightsdesk.domain.intents import IntentReading
from rightsdesk.domain.letters import DeliveryNews, DeliveryState, Letter
from rightsdesk.domain.mail_item import RAW_KEPT, MailContent, MailItem, MailStatus, StoredFile
from rightsdesk.domain.mail_routing import Route, Thread, Way, aim_of, mentioned_references, proposes_withdrawal, route
from rightsdesk.domain.mail_threads import LetterId, ThreadToken, read_message_id, token_holds, token_in_address
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SYSTEM, Aim, Door, Language, PrivacyRequest, Submission
from rightsdesk.domain.residence import assumed_country
from rightsdesk.domain.sender_trust import doubts_about, sender_of
from rightsdesk.domain.views import Receipt
from rightsdesk.law.case_dates import due_dates
from rightsdesk.observability import logger, note_limit
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.mail import AnswerLimits, MailFiles, MailStore
from rightsdesk.ports.time import Clock

_TRIES = 3  # after these a mail is written down as it is: staff see it, before the queue gives it up
_FAILED = "failed"
_LAST_MAILS = 25  # of a sender, among which one that was asked about is looked for
_LONGEST_DETAILS = 600
_NAME_LENGTH = 200
_STRANGER = "0" * 32
_FOUND_BY_READING = (
    *("sender_key", "sender", "doubts", "automatic", "flags", "intents", "language", "reminder", "files"),
    *("suggestions", "country", "due"),
)


@dataclass(frozen=True, kw_only=True)
class MailReading:
    """How a mail is read, as pure functions of `mail/`."""

    mail: Callable[[bytes], IncomingMail]
    automatic: Callable[[IncomingMail, Envelope, Collection[str]], tuple[str, ...]]
    intents: Callable[[str, str], IntentReading]


@dataclass(frozen=True)
class _Read:
    """One mail, with all that was found out about it."""

    item: MailItem
    mail: IncomingMail
    envelope: Envelope
    route: Route
    about: frozenset[str]  # what it speaks of, as far as words can tell
    case: PrivacyRequest | None  # whose thread it belongs to
    returned: tuple[PrivacyRequest, LetterId] | None  # the letter of ours that came back


class MailIntake:
    """`mailbox` is our published address; `own_addresses` are all that we send from or read."""

    def __init__(
        self,
        *,
        mails: MailStore,
        files: MailFiles,
        cases: CaseStore,
        limits: AnswerLimits,
        letters: Correspondence,
        keys: Keyring,
        merchant: MerchantProfile,
        clock: Clock,
        reading: MailReading,
        mailbox: str,
        mail_domain: str,
        own_addresses: Collection[str],
        submit: Callable[..., Receipt],
        take_message: Callable[[PrivacyRequest, MailItem, IncomingMail], bool],
        record_delivery: Callable[[DeliveryNews], None],
        newsletter: Callable[[], str | None],
    ) -> None:
        self._mails = mails
        self._files = files
        self._cases = cases
        self._limits = limits
        self._letters = letters
        self._keys = keys
        self._merchant = merchant
        self._clock = clock
        self._reading = reading
        self._mailbox = mailbox
        self._mail_domain = mail_domain
        self._own_addresses = own_addresses
        self._submit = submit
        self._take_message = take_message
        self._record_delivery = record_delivery
        self._newsletter = newsletter

    def take(self, envelope: Envelope, *, attempt: int = 1) -> None:
        """Take one delivery; `attempt` counts how often the queue has handed it over.

        What failed _TRIES times is written down as it is and shown to staff; delivered again after that, it is read
        again. Raises ServiceUnavailableError, and ConflictError where something moves at the same moment: it then comes
        again.
        """
        mail_id = self.id_of(envelope.message_id)
        try:
            known: MailItem | None = self._mails.get(mail_id)
        except NotFoundError:
            known = None
        if known is not None and known.status is not MailStatus.RECEIVED and not _is_read_again(known):
            logger.info("mail was taken before", extra={"mail_id": mail_id})
            return
        gives_up = attempt > _TRIES
        read = self._read(mail_id, envelope, gives_up=gives_up)
        if known is not None and _is_read_again(known):
            self._read_again(known, read)
            return
        if known is None:
            item, event = read.item.received(at=self._clock())
            self._keep_content(item, read)
            self._mails.create(item, event)
        else:
            item = known
        if gives_up:
            self._give_up(item, read)
        else:
            self._act(item, read)

    def id_of(self, message_id: str) -> str:
        """The same for the same delivery; from outside nobody can guess it."""
        return self._digest("mail", message_id)

    # Reading

    def _read(self, mail_id: str, envelope: Envelope, *, gives_up: bool) -> _Read:
        mail = self._mail(envelope, gives_up=gives_up)
        reading = self._reading.intents(mail.subject, mail.new_text)
        automatic = self._reading.automatic(mail, envelope, self._own_addresses)
        doubts = doubts_about(mail, envelope)
        sender = sender_of(mail)
        case, thread, hints = self._thread(mail, envelope, sender)
        same_as, is_repeated, is_first_body = self._repeated(mail_id, mail)
        sender_key = subject_key(self._keys.key("subject"), sender) if sender else None
        answers = self._asked_before(sender_key) if sender_key and not doubts else None
        mentions = tuple(dict.fromkeys((*hints, *mentioned_references(mail.subject, mail.new_text))))
        way = route(
            reading,
            doubts=doubts,
            automatic=automatic,
            flags=mail.flags,
            thread=thread,
            mentions=mentions,
            is_repeated=is_repeated,
            is_first_body=is_first_body,
            was_asked=answers is not None,
            withdraws=proposes_withdrawal(mail.subject, mail.new_text),
        )
        country = assumed_country(sender or "", reading.language, otherwise=self._merchant.assumed_country)
        item = MailItem(
            mail_id=mail_id,
            status=MailStatus.RECEIVED,
            received_at=envelope.received_at.astimezone(UTC),
            due=due_dates(envelope.received_at, country, merchant=self._merchant),
            country=country,
            verdicts=envelope.verdicts,
            raw_key=envelope.key,
            sender_key=sender_key,
            sender=masked_address(sender) if sender else None,
            doubts=doubts,
            automatic=automatic,
            flags=tuple(sorted(mail.flags)),
            intents=reading.intents,
            language=reading.language,
            reminder=reading.reminder,
            files=len(mail.attachments),
            suggestions=mentions,
            same_as=same_as,
            answers=answers,
        )
        return _Read(
            item=item,
            mail=mail,
            envelope=envelope,
            route=way,
            about=reading.about,
            case=case,
            returned=self._returned(mail, doubts),
        )

    def _mail(self, envelope: Envelope, *, gives_up: bool) -> IncomingMail:
        """Never a failure: what can't be read is shown to staff as that, with the raw mail behind it."""
        unreadable = IncomingMail(flags=frozenset({MailFlag.UNREADABLE}))
        if envelope.key is None:
            return unreadable
        try:
            raw = self._files.raw(envelope.key)
        except NotFoundError:
            return unreadable
        except ServiceUnavailableError:
            if gives_up:
                return unreadable
            raise
        try:
            return self._reading.mail(raw)
        except Exception as error:  # the reader promises not to; nothing is lost where it breaks that
            logger.error("mail not read", exc_info=error)
            return unreadable

    def _thread(
        self, mail: IncomingMail, envelope: Envelope, sender: str | None
    ) -> tuple[PrivacyRequest | None, Thread, tuple[str, ...]]:
        """The case that a token of ours proves; what the thread says; references that look like it.

        First the address that it was sent to, then the ids that it answers.
        """
        tokens: list[ThreadToken] = []
        for recipient in envelope.recipients:
            token = token_in_address(recipient, self._mailbox) if self._mailbox else None
            if token is not None:
                tokens.append(token)
        for reference in mail.references:
            named = read_message_id(reference, self._mail_domain)
            if named is not None:
                tokens.append(named.token)
        for token in dict.fromkeys(tokens):
            case = self._case_of(token)
            if case is None:
                continue
            if not case.is_open:
                return None, Thread.CLOSED, (case.reference,)
            if sender != case.email:
                return None, Thread.OTHER_ADDRESS, (case.reference,)
            return case, Thread.OWN, ()
        unproven = tuple(dict.fromkeys(token.reference for token in tokens))
        return None, Thread.UNPROVEN if unproven else Thread.NONE, unproven

    def _case_of(self, token: ThreadToken) -> PrivacyRequest | None:
        """The case whose token this really is."""
        try:
            case: PrivacyRequest | None = self._cases.find(token.reference)
        except NotFoundError:
            case = None
        today = self._clock().date()
        request_id = case.request_id if case else _STRANGER  # the same work, so that nothing can be told by time
        holds = token_holds(token, self._keys.key("thread"), request_id=request_id, today=today)
        return case if holds else None

    def _returned(self, mail: IncomingMail, doubts: tuple[str, ...]) -> tuple[PrivacyRequest, LetterId] | None:
        """The letter that a notice of the mail system says came back. The notice must have passed the scan."""
        if mail.returned is None or not mail.returned.failed or {"virus", "spam"} & set(doubts):
            return None
        for text in mail.returned.message_ids:
            named = read_message_id(text, self._mail_domain)
            case = self._case_of(named.token) if named and named.letter else None
            if case is not None and named is not None:
                return case, named
        return None

    def _repeated(self, mail_id: str, mail: IncomingMail) -> tuple[str | None, bool, bool]:
        """(the mail that came first under this Message-ID, whether there is one, whether this body is new)."""
        if not mail.message_id or len(mail.senders) != 1:
            return None, False, True
        files = "".join(hashlib.sha256(each.content).hexdigest() for each in mail.attachments)
        body = self._digest("body", f"{mail.subject}\0{mail.text}\0{files}")
        first, first_body = self._mails.first_under(
            self._digest("message-id", f"{mail.message_id}\0{mail.senders[0].address.lower()}"),
            mail_id=mail_id,
            body=body,
            expires_at=self._clock() + RAW_KEPT,
        )
        return (None, False, True) if first == mail_id else (first, True, body != first_body)

    def _asked_before(self, sender_key: str) -> str | None:
        """The newest mail of this sender that staff asked about, and that still waits."""
        for mail_id in self._mails.of_sender(sender_key, limit=_LAST_MAILS):
            if self._mails.get(mail_id).status is MailStatus.ASKED:
                return mail_id
        return None

    # Keeping

    def _keep_content(self, item: MailItem, read: _Read) -> None:
        """Attachments under names that nobody can guess, the same when this is run again."""
        mail = read.mail
        kept = []
        for number, attachment in enumerate(mail.attachments, start=1):
            key = f"quarantine/{self._digest('file', f'{item.mail_id} {number}')}"
            self._files.put_file(key, attachment.content, name=attachment.name)
            kept.append(
                StoredFile(
                    number=number,
                    key=key,
                    name=attachment.name,
                    media_type=attachment.media_type,
                    bytes=len(attachment.content),
                    sha256=hashlib.sha256(attachment.content).hexdigest(),
                )
            )
        content = MailContent(
            senders=mail.senders,
            reply_to=mail.reply_to,
            recipients=read.envelope.recipients,
            subject=mail.subject,
            text=mail.text,
            new_text=mail.new_text,
            files=tuple(kept),
        )
        self._files.put_content(item.mail_id, content)

    def _read_again(self, known: MailItem, read: _Read) -> None:
        """What was written down unread, delivered once more when the cause was mended: staff see it whole."""
        if MailFlag.UNREADABLE in read.mail.flags:
            return
        self._keep_content(known, read)
        found = {name: getattr(read.item, name) for name in _FOUND_BY_READING}
        why = (*known.held_for, *(reason for reason in read.route.why if reason not in known.held_for))
        after, event = known.changed(
            "mail_read_again", at=self._clock(), actor=SYSTEM, details={"why": list(why)}, held_for=why, **found
        )
        self._mails.save(known, after, event)

    # Acting

    def _give_up(self, item: MailItem, read: _Read) -> None:
        """It failed too often: staff see that, and what is known of it. A request that was made of it stands."""
        try:
            made = self._cases.get(self._digest("request", item.mail_id))
        except NotFoundError:
            why = tuple(dict.fromkeys((_FAILED, *read.route.why)))
            self._show_to_staff(item, why)
            return
        self._settle(item, "request_created", status=MailStatus.REQUESTED, requests=(made.reference,))

    def _act(self, item: MailItem, read: _Read) -> None:
        if read.returned is not None:
            self._tell_of_return(item, read)
        match read.route.way:
            case Way.CASE if read.case is not None:
                self._add_to_case(item, read, read.case)
            case Way.REQUEST:
                self._make_request(item, read)
            case Way.KEEP:
                related = read.case or (read.returned[0] if read.returned else None)
                self._settle(
                    item,
                    "mail_kept",
                    status=MailStatus.KEPT,
                    why=read.route.why,
                    **({"attached_to": related.reference} if related else {}),
                )
            case _:
                self._show_to_staff(item, read.route.why)

    def _make_request(self, item: MailItem, read: _Read) -> None:
        sender = sender_of(read.mail)
        if sender is None:
            raise AssertionError("a mail without a clean sender goes to staff")
        request_id = self._digest("request", item.mail_id)
        limit = self._limits.refuse(item.mail_id, address=item.sender_key, thread=request_id, at=self._clock())
        if limit is not None:
            note_limit(limit)
            self._show_to_staff(item, (limit,))
            return
        try:
            aim = aim_of(read.route.types, read.about, self._newsletter())
            submission = submission_of(read.mail, read.route, item, aim)
        except ValueError:  # a name or text that the form would not take either
            self._show_to_staff(item, ("does_not_fit",))
            return
        try:
            receipt = self._submit(
                submission,
                new_id=lambda: request_id,
                received_at=item.received_at,
                mail_id=item.mail_id,
                country_assumed=True,
                mailbox_proven=True,  # by the mail service's word: else it would be for staff
            )
            reference = receipt.reference
        except ConflictError:  # it was made when this was run before
            reference = self._cases.get(request_id).reference
        self._settle(item, "request_created", status=MailStatus.REQUESTED, requests=(reference,))

    def _add_to_case(self, item: MailItem, read: _Read, case: PrivacyRequest) -> None:
        """A message whose purpose is served is put away; any other, staff look at, as part of its request."""
        try:
            is_served = self._take_message(case, item, read.mail)
        except ThreadFullError:
            self._show_to_staff(item, ("too_many_messages",), attached_to=case.reference)
            return
        except ConflictError:
            if self._cases.get(case.request_id).is_open:
                raise
            self._show_to_staff(item, ("thread_closed",))  # it was closed at this moment
            return
        if is_served and not read.route.why:
            self._settle(item, "message_attached", status=MailStatus.ATTACHED, attached_to=case.reference)
        else:
            self._show_to_staff(item, read.route.why or ("message",), attached_to=case.reference)

    def _tell_of_return(self, item: MailItem, read: _Read) -> None:
        if read.returned is None or read.mail.returned is None:
            return
        case, named = read.returned
        letter = next((known for known in Letter if known == named.letter), None)
        if letter is None:
            return
        news = DeliveryNews(
            request_id=case.request_id,
            letter=letter,
            recipient_key=case.subject_key,
            version=named.version,
            state=DeliveryState.BOUNCED,
            at=item.received_at,
            permanent=read.mail.returned.permanent,
        )
        self._record_delivery(news)

    def _show_to_staff(self, item: MailItem, why: tuple[str, ...], **changes: object) -> None:
        shown = self._settle(item, "mail_triaged", status=MailStatus.TRIAGE, why=why, **changes)
        if {"spam", "virus"} & set(why) or shown.automatic:
            return  # it stands in the list; nobody is called for it
        if self._limits.may_tell_staff(at=self._clock()):
            values = {
                "mail": shown.mail_id,
                "received_on": shown.received_at.astimezone(self._merchant.timezone).date(),
                "target_on": shown.due.target_on,
            }
            self._letters.to_staff_about_mail(shown.mail_id, Letter.STAFF_MAIL, values)

    def _settle(
        self, item: MailItem, event_type: str, *, status: MailStatus, why: tuple[str, ...] = (), **changes: object
    ) -> MailItem:
        details: dict[str, str | int | bool | list[str]] = {"why": list(why)} if why else {}
        if "attached_to" in changes:
            details["reference"] = str(changes["attached_to"])
        if requests := changes.get("requests"):
            details["references"] = list(requests)  # type: ignore[call-overload]
        after, event = item.changed(
            event_type, at=self._clock(), actor=SYSTEM, details=details, status=status, held_for=why, **changes
        )
        self._mails.save(item, after, event)
        if after.expires_at is not None:
            self._mails.retire(after.mail_id, expires_at=after.expires_at)
        logger.info("mail taken", extra={"mail_id": item.mail_id, "way": event_type})
        return after

    def _digest(self, purpose: str, text: str) -> str:
        """Keyed: nothing that a sender writes can be found again in our tables without the key."""
        return keyed_id(self._keys.key(purpose), text)


def submission_of(mail: IncomingMail, way: Route, item: MailItem, aim: Aim | None) -> Submission:
    """What the form would have handed in. Raises ValueError (pydantic's) for what it would not have taken."""
    sender = mail.senders[0]
    name = " ".join(sender.name.split())
    if not name or canonical_address(name) is not None or "@" in name:
        name = sender.address.partition("@")[0]
    return Submission(
        types=way.types,
        aim=aim,
        email=sender.address,
        name=name[:_NAME_LENGTH],
        country=item.country,
        language=letter_language(item.language),
        details=mail.new_text.strip()[:_LONGEST_DETAILS].strip() or None,
        door=Door.EMAIL,
    )


def _is_read_again(item: MailItem) -> bool:
    """It was given up, and nobody has decided about it yet."""
    return item.status is MailStatus.TRIAGE and _FAILED in item.held_for and MailFlag.UNREADABLE in item.flags


def letter_language(language: str) -> Language:
    """The language that we answer in."""
    return "ja" if language == "ja" else "en"
