"""What each letter must hold, and must not (law.md 4): the same rules where a letter is sent and where it is linted.

The words are the merchant's, the content is the law's. A letter speaks through its variables; what the law wants said
in so many words is a sentence of `phrases.yaml` that the press puts in (`sentences`), so that one missing variable is a
missing element, in whatever language.
"""

# serves: B-4, E-13

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from rightsdesk.domain.letters import Letter


class Reader(StrEnum):
    """Who reads a letter: it decides what may be in it."""

    MAILBOX = "mailbox"  # has proven nothing: nothing that was typed is repeated, and nothing is said about an account
    PERSON = "person"  # has shown that the mailbox is theirs
    RECIPIENT = "recipient"  # of data (GDPR 19)
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A phrase that the press puts in. `when`: the value without which it is not said.

    `promised`: the phrase in its place where the value `promised` says that no law holds, and the merchant promises it.
    """

    phrase: str
    when: str | None = None
    promised: str | None = None


@dataclass(frozen=True, slots=True)
class Requirements:
    """Names of variables. A letter without a `required` one, or that does not show one that is set, is never sent."""

    reader: Reader
    required: frozenset[str]
    optional: frozenset[str] = frozenset()  # may be empty or missing, and leaves no trace then; else it must be shown
    flags: frozenset[str] = frozenset()  # decide what is said, and are never shown
    sentences: Mapping[str, Sentence] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)  # variable -> first part of the phrases that put it in words

    @property
    def variables(self) -> frozenset[str]:
        """All that a template may name."""
        return self.required | self.optional | self.flags | OURS | self.sentences.keys()


OURS = frozenset({"merchant", "address", "contact", "zone", "officer", "representative"})
"""What the press knows of the merchant, for every letter. The last two may be unset."""

_CONTACT = frozenset({"merchant", "contact"})
_NAMED = _CONTACT | {"reference", "name"}
_ANSWER = _NAMED | {"address", "received_on", "link", "remedies"}
_IDENTITY = frozenset({"officer", "representative"})  # of the controller; where set (GDPR 13(1)(a)-(b), 27, 37)
_DONE = _ANSWER | {"zone", "done", "carried_out_on"}
_PACKAGE = _ANSWER | {"zone", "downloads", "window_ends_on", "files"}
_DATES = frozenset({"target_on", "due_on", "zone"})
_SUSPENDED = Sentence(
    "law.suspended", when="suspends", promised="law.suspended_promised"
)  # asked in time, under a law whose clock can stop
_OTHER_WAY = Sentence("law.other_way")
_PORTABILITY = Sentence("law.portability", when="portable")


def _letter(
    reader: Reader,
    required: frozenset[str],
    *,
    optional: frozenset[str] | set[str] = frozenset(),
    flags: frozenset[str] | set[str] = frozenset(),
    codes: Mapping[str, str] | None = None,
    **sentences: Sentence,
) -> Requirements:
    return Requirements(
        reader,
        required,
        optional=frozenset(optional),
        flags=frozenset(flags),
        sentences=MappingProxyType(sentences),
        codes=MappingProxyType(dict(codes or {})),
    )


REQUIREMENTS: Mapping[Letter, Requirements] = MappingProxyType(
    {
        # to the person, on the way
        Letter.VERIFICATION_CODE: _letter(
            Reader.MAILBOX,
            _CONTACT | {"reference", "code", "code_minutes", "link", "received_on", "due_on", "due_rule", "zone"},
            # As we read them from a mail, or as a controller handed them on.
            optional={
                *("rights", "country", "handed_on_by", "handed_on_rights", "handed_on_country"),
                *("asked_by", "asked_rights"),
            },
            flags={"by_reply"},
            mailbox_only=Sentence("law.mailbox_only"),
            silence=Sentence("law.silence", when="asked_by"),
        ),
        Letter.VERIFICATION_REMINDER: _letter(Reader.MAILBOX, _CONTACT | {"reference", "link", "closes_on", "zone"}),
        Letter.CONFIRMED: _letter(Reader.MAILBOX, _CONTACT | {"reference", "link", "due_on", "due_rule", "zone"}),
        Letter.CODE_REFUSED: _letter(Reader.MAILBOX, _CONTACT | {"reference", "link"}),
        Letter.ACCESS_CODE: _letter(Reader.MAILBOX, _CONTACT | {"reference", "code", "code_minutes", "link"}),
        Letter.MESSAGE_RECEIVED: _letter(
            Reader.PERSON, _NAMED | {"types", "received_on", "due_on", "due_rule", "link", "zone"}
        ),
        Letter.MESSAGE_WAITING: _letter(Reader.PERSON, _NAMED | {"link"}, optional={"message"}),
        Letter.LOCKED: _letter(Reader.MAILBOX, _CONTACT | {"reference", "opens_at", "zone", "link"}),
        Letter.EVIDENCE_NEEDED: _letter(
            Reader.PERSON,
            _NAMED | {"doubt", "tries", "closes_on", "due_on", "link", "zone"},
            optional={"conservative_due_on"},
            flags={"suspends"},
            other_way=_OTHER_WAY,
            suspended=_SUSPENDED,
        ),
        Letter.ERASURE_CONFIRMATION: _letter(
            Reader.PERSON,
            _NAMED | {"received_on", "closes_on", "link", "zone"},
            optional={"losses", "deleted", "anonymised", "kept"},
            undo=Sentence("law.undo"),
        ),
        Letter.ERASURE_CONFIRMED: _letter(Reader.PERSON, _NAMED | {"undo_until", "link", "zone"}),
        Letter.IDENTITY_QUESTION: _letter(
            Reader.PERSON,
            _NAMED | {"question", "link", "due_on", "zone"},
            optional={"conservative_due_on", "closes_on"},
            flags={"suspends"},
            other_way=_OTHER_WAY,
            suspended=_SUSPENDED,
            answer_kept=Sentence("law.answer_kept"),
        ),
        Letter.CLARIFICATION_QUESTION: _letter(
            Reader.PERSON,
            _NAMED | {"question", "link", "due_on", "zone"},
            optional={"conservative_due_on", "closes_on"},
            flags={"suspends"},
            suspended=_SUSPENDED,
            answer_kept=Sentence("law.answer_kept"),
        ),
        Letter.PROGRESS: _letter(
            Reader.PERSON,
            _NAMED | {"received_on", "target_on", "zone", "status", "link", "remedies"},
            optional={"due_on"},
        ),
        Letter.LATE: _letter(
            Reader.PERSON,
            _NAMED | {"types", "received_on", "due_on", "zone", "link", "remedies"},
            optional={"status"},
        ),
        Letter.EXTENDED: _letter(
            Reader.PERSON,
            _ANSWER | {"due_on", "old_due_on", "zone", "reason", "explanation", "done_so_far"},
            optional=_IDENTITY,
            once=Sentence("law.once"),
        ),
        # the answer
        Letter.ANSWER_READY: _letter(
            Reader.PERSON,
            _PACKAGE,
            optional=_IDENTITY | {"withheld", "transfer"},
            flags={"found", "portable"},
            contents=Sentence("law.contents", when="found"),
            rights=Sentence("law.rights", when="found"),
            portability=_PORTABILITY,
        ),
        Letter.INFORMATION_READY: _letter(
            Reader.PERSON,
            _PACKAGE | {"types", "says"},
            optional=_IDENTITY,
            copy=Sentence("law.copy"),
        ),
        Letter.PARTLY_REFUSED: _letter(
            Reader.PERSON,
            _PACKAGE | {"withheld", "granted"},
            optional=_IDENTITY | {"reason", "transfer"},
            flags={"portable"},
            contents=Sentence("law.contents"),
            rights=Sentence("law.rights"),
            portability=_PORTABILITY,
        ),
        Letter.TRANSFERRED: _letter(Reader.PERSON, _NAMED | {"link", "transfer"}),
        Letter.CONTACT_CHANGED: _letter(Reader.MAILBOX, _CONTACT | {"reference", "changed_on", "zone"}),
        Letter.RECTIFICATION_ANSWER: _letter(
            Reader.PERSON,
            _DONE | {"types"},
            optional=_IDENTITY | {"corrected", "disputed", "lifted", "recipients"},
            dispute=Sentence("law.dispute"),
        ),
        Letter.ERASURE_ANSWER: _letter(
            Reader.PERSON,
            (_DONE - {"done"}) | {"types", "backups"},
            optional=_IDENTITY | {"deleted", "anonymised", "kept", "recipients"},
            flags={"suppressed", "account_deleted"},
            suppression=Sentence("law.suppression", when="suppressed"),
            proof=Sentence("law.proof"),
            account=Sentence("law.account", when="account_deleted"),
        ),
        Letter.NOTHING_TO_ERASE: _letter(Reader.PERSON, (_DONE - {"done"}) | {"types"}, optional=_IDENTITY),
        Letter.RESTRICTION_ANSWER: _letter(
            Reader.PERSON,
            (_DONE - {"zone", "carried_out_on"}) | {"types"},
            optional=_IDENTITY | {"stopped", "recipients"},
            restricted=Sentence("law.restricted"),
            told_before=Sentence("law.told_before"),
        ),
        Letter.RESTRICTION_LIFTING: _letter(
            Reader.PERSON,
            (_ANSWER - {"received_on"}) | {"what_is_stopped", "lifted_on", "zone", "reason"},
            optional=_IDENTITY | {"still_stopped"},
        ),
        Letter.OBJECTION_ANSWER: _letter(
            Reader.PERSON,
            _DONE,
            optional=_IDENTITY | {"stopped", "deleted", "kept", "lifted", "recipients"},
            marketing=Sentence("law.marketing"),
        ),
        Letter.REVIEW_ANSWER: _letter(
            Reader.PERSON,
            _DONE | {"result", "reason"},
            optional=_IDENTITY | {"decision", "logic", "consequences"},
            human=Sentence("law.human"),
        ),
        Letter.MESSAGE_ANSWER: _letter(Reader.PERSON, _DONE | {"types", "open_until"}, optional=_IDENTITY),
        Letter.GENERAL_ANSWER: _letter(
            Reader.PERSON, _DONE | {"types"}, optional=_IDENTITY | {"stopped", "deleted", "kept", "recipients"}
        ),
        Letter.REFUSED: _letter(
            Reader.PERSON,
            (_ANSWER - {"link"}) | {"zone", "ground", "reason", "granted"},
            optional=_IDENTITY,
        ),
        Letter.NOT_IDENTIFIED: _letter(
            Reader.PERSON, _ANSWER | {"zone"}, optional=_IDENTITY, new_request=Sentence("law.new_request")
        ),
        # the end
        Letter.DOWNLOADED: _letter(
            Reader.PERSON, _NAMED | {"downloaded_at", "downloads_left", "window_ends_on", "zone"}
        ),
        Letter.UNVERIFIED: _letter(Reader.MAILBOX, _CONTACT | {"reference", "received_on", "zone", "link"}),
        Letter.UNCONFIRMED: _letter(Reader.PERSON, _NAMED | {"received_on", "zone", "link", "remedies"}),
        Letter.WITHDRAWN: _letter(
            Reader.PERSON,
            _NAMED | {"received_on", "zone", "link"},
            optional={"still_stopped", "transfer"},
            flags={"erasure"},
        ),
        Letter.MERGED: _letter(
            Reader.PERSON,
            _NAMED | {"received_on", "first_reference", "first_received_on", "due_on", "link", "zone"},
        ),
        Letter.CLOSED: _letter(Reader.PERSON, _NAMED | {"link"}),
        Letter.KEPT_DATA_ERASED: _letter(
            Reader.PERSON,
            _NAMED | {"erased", "erased_on", "backups", "zone"},
            optional={"kept", "changed"},
            flags={"last"},
        ),
        # about consents
        Letter.NEWSLETTER_CONFIRMATION: _letter(
            Reader.MAILBOX, _CONTACT | {"address", "wording", "link", "open_until", "zone"}
        ),
        Letter.CONSENT_QUESTION: _letter(
            Reader.MAILBOX,
            _CONTACT | {"address", "wording", "link", "open_until", "zone"},
            flags={"reminder"},
            voluntary=Sentence("law.voluntary"),
        ),
        Letter.NEW_PURPOSE: _letter(
            Reader.MAILBOX,
            _CONTACT | {"address", "purpose", "begins_on", "link", "zone"},
            objection=Sentence("law.new_purpose_objection"),
        ),
        # to others
        Letter.AGENT_RECEIVED: _letter(
            Reader.MAILBOX,
            _CONTACT | {"reference", "received_on", "link", "zone"},
            own_mailbox=Sentence("law.own_mailbox"),
        ),
        Letter.MAIL_QUESTION: _letter(
            Reader.MAILBOX,
            _CONTACT | {"received_on", "link", "zone"},
            optional={"question"},
            flags={"for_another"},
        ),
        Letter.RECIPIENT_NOTICE: _letter(
            Reader.RECIPIENT,
            _CONTACT
            | {"address", "our_reference", "action", "basis", "identifiers", "asked_on", "respond_by", "zone", "link"},
            optional={"purposes", "fields", "follows"},
            flags={"again"},
        ),
        Letter.RECIPIENT_LIFTING: _letter(
            Reader.RECIPIENT,
            _CONTACT | {"address", "our_reference", "asked_on", "lifted_on", "zone"},
            optional={"stands", "still_stopped"},
        ),
        Letter.STAFF_RELEASE: _letter(Reader.STAFF, _DATES | {"reference", "types", "task"}, optional={"held"}),
        Letter.STAFF_DEADLINE: _letter(
            Reader.STAFF,
            _DATES | {"reference", "types", "warning", "status", "assignee"},
            optional={"failure", "role", "waited_for"},
            codes={"role": "role"},
        ),
        Letter.STAFF_FAILURE: _letter(Reader.STAFF, _DATES | {"reference", "state", "error"}, optional={"sources"}),
        Letter.STAFF_ANSWERED: _letter(
            Reader.STAFF, frozenset({"reference", "question", "answered_on", "due_on", "zone"})
        ),
        Letter.STAFF_DISOWNED: _letter(Reader.STAFF, frozenset({"reference", "types", "status", "target_on", "zone"})),
        Letter.STAFF_SECOND_PERSON: _letter(
            Reader.STAFF, frozenset({"reference", "ground", "proposed_by", "target_on", "zone"})
        ),
        Letter.STAFF_ERASURE: _letter(
            Reader.STAFF,
            frozenset({"reference", "delete", "anonymise", "keep", "proposed_by", "target_on", "zone"}),
        ),
        Letter.STAFF_RETENTION: _letter(Reader.STAFF, frozenset({"reference", "changed", "entries"})),
        Letter.STAFF_UNDELIVERED: _letter(
            Reader.STAFF, frozenset({"reference", "letter", "state"}), codes={"letter": "letter", "state": "delivery"}
        ),
        Letter.STAFF_MAIL: _letter(Reader.STAFF, frozenset({"mail", "received_on", "target_on", "zone"})),
        Letter.STAFF_MAIL_WAITING: _letter(Reader.STAFF, frozenset({"count", "oldest_on", "target_on", "zone"})),
        Letter.STAFF_RECIPIENT: _letter(
            Reader.STAFF, frozenset({"reference", "recipient", "action"}), optional={"instructions"}
        ),
        Letter.STAFF_LIFTING: _letter(
            Reader.STAFF,
            frozenset({"reference", "lifted_on", "zone"}),
            optional={"recipients_by_hand", "recipients_not_to_tell"},
        ),
        Letter.STAFF_MESSAGE: _letter(
            Reader.STAFF, frozenset({"reference", "received_on", "due_on", "zone"}), flags={"proposes_withdrawal"}
        ),
    }
)


@dataclass(frozen=True, slots=True)
class PhraseRule:
    """What a phrase must speak of, and the words in which each language says it; `a|b` is either."""

    places: frozenset[str] = frozenset()
    en: tuple[str, ...] = ()  # each must be in the sentence, in any case
    ja: tuple[str, ...] = ()

    def words(self, language: str) -> tuple[str, ...]:
        return self.ja if language == "ja" else self.en


PHRASE_RULES: Mapping[str, PhraseRule] = MappingProxyType(
    {
        # GDPR 12(4), 77, 79; APPI 36, 39
        "remedies.gdpr": PhraseRule(
            frozenset({"authority", "web"}), en=("complain", "court"), ja=("監督機関", "苦情", "裁判所")
        ),
        "remedies.gdpr_elsewhere": PhraseRule(
            en=("supervisory authority", "complain", "court"), ja=("監督機関", "苦情", "裁判所")
        ),
        "remedies.appi": PhraseRule(
            frozenset({"contact", "phone"}),
            en=("complaint desk", "two weeks", "39"),
            ja=("苦情", "2週間", "第39条"),
        ),
        "remedies.appi_no_claim": PhraseRule(
            frozenset({"contact", "phone"}), en=("complaint desk", "commission"), ja=("苦情", "委員会")
        ),
        "remedies.both": PhraseRule(frozenset({"first", "second"})),
        "remedies.promise": PhraseRule(frozenset({"contact"})),
        "due_rule.gdpr": PhraseRule(en=("month",), ja=("月",)),
        "due_rule.appi": PhraseRule(en=("without delay",), ja=("遅滞なく",)),
        "due_rule.promise": PhraseRule(frozenset({"months"})),
        "due_rule.question": PhraseRule(frozenset({"working_days"})),
        "due_rule.complaint": PhraseRule(frozenset({"working_days"})),
        "law.human": PhraseRule(en=("person",), ja=("担当者",)),  # GDPR 22(3)
        "kept.rows": PhraseRule(frozenset({"what", "rows", "law", "until", "zone"})),
        "kept.rows_until_days": PhraseRule(frozenset({"what", "rows", "law", "first", "until", "zone"})),
        "kept.rows_without_day": PhraseRule(frozenset({"what", "rows", "law"})),
        "kept.rows_on_ground": PhraseRule(frozenset({"what", "rows", "ground"})),
        "kept.purpose": PhraseRule(frozenset({"purpose", "data"})),
        "gone.rows": PhraseRule(frozenset({"what", "rows", "until", "zone", "law"})),
        "gone.rows_held": PhraseRule(frozenset({"what", "rows"})),
        "changed.rows": PhraseRule(frozenset({"what", "rows"})),
        "loss.amount": PhraseRule(frozenset({"what", "amount"})),
        "loss.count": PhraseRule(frozenset({"what", "count"})),
        "task.release": PhraseRule(frozenset({"rows", "sources"})),
        "task.release_information": PhraseRule(frozenset({"rows", "sources"})),
        "task.carry_out": PhraseRule(),
        "task.answer": PhraseRule(),
        "task.review": PhraseRule(),
        "task.state": PhraseRule(),
        "task.correct": PhraseRule(frozenset({"rows", "collections"})),
        "corrected.done": PhraseRule(),
        "corrected.noted": PhraseRule(en=("view|note|statement",), ja=("意見|見解",)),
        "corrected.line": PhraseRule(frozenset({"what", "old", "new"})),
        "corrected.plain": PhraseRule(frozenset({"what"})),
        "corrected.completed": PhraseRule(frozenset({"what", "new"})),
        "stopped.marketing": PhraseRule(
            frozenset({"stopped_on", "zone"}), en=("advertis",), ja=("広告",)
        ),  # GDPR 21(3)
        "stopped.withdrawn": PhraseRule(  # GDPR 7(3)
            frozenset({"stopped_on", "zone"}), en=("consent", "lawful"), ja=("同意", "適法")
        ),
        "stopped.in_part": PhraseRule(frozenset({"stopped_on", "zone"})),
        "stopped.decided": PhraseRule(frozenset({"stopped_on", "zone"})),
        "stopped.recipient": PhraseRule(frozenset({"recipient"})),
        "lifting.answered": PhraseRule(frozenset({"lifted_on", "zone"}), en=("restrict",), ja=("制限",)),
        "lifting.of_use": PhraseRule(en=("restrict",), ja=("制限",)),
        "lifting.of_objection": PhraseRule(en=("object",), ja=("異議",)),
        "lifting.of_provision": PhraseRule(en=("pass",), ja=("提供",)),
        "lifting.refused": PhraseRule(),
        "lifting.withdrawn": PhraseRule(),
        "lifting.not_identified": PhraseRule(),
        "disputed.line": PhraseRule(frozenset({"what"}), en=("view|note|statement",), ja=("意見|見解",)),
        "task.erase": PhraseRule(),
        "task.take_out": PhraseRule(),
        "notice.identifier": PhraseRule(frozenset({"kind", "values"})),
        "ground.promised": PhraseRule(frozenset({"ground"}), en=("promise",), ja=("約束",)),
        "withheld.line": PhraseRule(frozenset({"what", "ground"})),
        "withheld.line_with_reason": PhraseRule(frozenset({"what", "reason", "ground"})),
        "withheld.field": PhraseRule(frozenset({"field", "collection"})),
        "withheld.withhold": PhraseRule(frozenset({"collection"})),
        "withheld.redact": PhraseRule(frozenset({"collection"})),
        "law.suspended": PhraseRule(frozenset({"asked_on", "zone"}), en=("suspend",), ja=("停止",)),
        "law.suspended_promised": PhraseRule(frozenset({"asked_on", "zone"}), en=("suspend",), ja=("停止",)),
        "law.other_way": PhraseRule(frozenset({"contact"}), en=("need not",), ja=("必要はありません",)),
        "law.answer_kept": PhraseRule(en=("delete",), ja=("消去",)),
        "transfer.sent": PhraseRule(frozenset({"host", "sent_on", "zone", "sha256"})),  # GDPR 20(2)
        "transfer.sent_since": PhraseRule(frozenset({"host", "sent_on", "zone", "sha256"})),
        "transfer.refused": PhraseRule(frozenset({"host", "why"}), en=("not",), ja=("おりません|いません",)),
        "transfer.failed": PhraseRule(frozenset({"host"}), en=("not",), ja=("得られません|できません",)),
        "transfer.gone_out": PhraseRule(frozenset({"host", "sent_on", "zone"})),
        "transfer.unconfirmed": PhraseRule(frozenset({"host"}), en=("not",), ja=("得られません|できません",)),
        "law.portability": PhraseRule(frozenset({"contact"}), en=("json", "schema"), ja=("JSON", "Schema")),
        "law.mailbox_only": PhraseRule(en=("mailbox|address",), ja=("メール",)),
        **{f"agent.{role}": PhraseRule(frozenset({"agent"})) for role in ("guardian", "proxy", "portal", "heir")},
        "law.agent_copy": PhraseRule(frozenset({"agent", "reference"}), en=("copy", "agreed"), ja=("写し", "同意")),
        "law.not_mine": PhraseRule(frozenset({"not_mine"})),
        "law.silence": PhraseRule(en=("say nothing", "no"), ja=("何もなさらなければ",)),
        "law.own_mailbox": PhraseRule(en=("mailbox",), ja=("メール",)),
        "law.once": PhraseRule(en=("once", "three months"), ja=("一度", "3か月")),
        # GDPR 15(1)-(2), 13(2), 14(2)
        "law.contents": PhraseRule(
            en=("purpose|for", "kinds", "receive", "kept", "from", "machine", "countries"),
            ja=("利用目的", "種類", "提供先", "保存期間", "取得元", "自動", "外国"),
        ),
        "says.information": PhraseRule(  # GDPR 13-15, APPI 32(1)
            en=("purpose|for", "receive", "kept", "from"), ja=("利用目的", "提供先", "保存期間", "取得元")
        ),
        "says.information_none": PhraseRule(en=("no data",), ja=("ありません|ありませんでした",)),
        "says.purpose_notice": PhraseRule(en=("purpose",), ja=("利用目的",)),  # APPI 32(2)
        "says.purpose_notice_none": PhraseRule(en=("no data",), ja=("ありません|ありませんでした",)),
        "says.provision_records": PhraseRule(frozenset({"records"})),  # APPI 33(5)
        "says.provision_records_none": PhraseRule(en=("no ",), ja=("ありません|ありませんでした",)),
        "law.copy": PhraseRule(en=("copy", "free"), ja=("写し", "無料")),
        "law.rights": PhraseRule(en=("correct", "delete", "restrict", "object"), ja=("訂正", "消去", "制限", "異議")),
        "law.suppression": PhraseRule(frozenset({"suppressed"})),
        "law.undo": PhraseRule(en=("72 hours", "cannot be undone"), ja=("72時間", "取り消すことができません")),
        "law.account": PhraseRule(en=("account",), ja=("アカウント",)),
        "backups": PhraseRule(en=("backup",), ja=("バックアップ",)),
        "law.restricted": PhraseRule(frozenset({"carried_out_on", "zone"}), en=("stor",), ja=("保管|保存",)),
        "law.told_before": PhraseRule(en=("before",), ja=("前に",)),
        "law.marketing": PhraseRule(en=("object",), ja=("異議",)),  # GDPR 21(2)-(4)
        "law.new_request": PhraseRule(en=("request",), ja=("請求",)),
        # GDPR 7(3), (4)
        "law.new_purpose_objection": PhraseRule(en=("object",), ja=("異議",)),  # GDPR 21(4)
        "law.voluntary": PhraseRule(en=("free", "withdraw"), ja=("任意", "撤回")),
        "law.dispute": PhraseRule(frozenset({"contact"}), en=("view|note|statement",), ja=("意見|見解",)),
    }
)


def missing_in_phrase(name: str, sentence: str, language: str) -> list[str]:
    """The elements that a sentence of the merchant lacks: `{authority}`, `court`, `kept|stored`."""
    rule = PHRASE_RULES.get(name, PhraseRule())
    folded = sentence.casefold()
    places = [f"{{{place}}}" for place in sorted(rule.places) if f"{{{place}}}" not in sentence]
    words = [
        choice for choice in rule.words(language) if not any(word in folded for word in choice.casefold().split("|"))
    ]
    return [*places, *words]
