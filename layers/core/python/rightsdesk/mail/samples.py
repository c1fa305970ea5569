"""One made-up case, to look at letters with and to check them: a value for every variable, in both languages."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Letter, Phrase, Territory
from rightsdesk.domain.request import Language
from rightsdesk.law.applicability import Law
from rightsdesk.law.notice_grounds import ground_of_notice
from rightsdesk.mail.requirements import REQUIREMENTS

REFERENCE = "RD-28T5-CY4G-M"
NAME: Mapping[Language, str] = {"en": "Jane Murphy", "ja": "山田 花子"}
_ORIGIN = "https://privacy.shop.example"
_TRANSFERRED = {
    "host": "take.portable.example",
    "sent_on": datetime(2026, 9, 25, 3, 20, tzinfo=UTC),
    "sha256": "a7" * 32,
}
_AUTHORITY = {"authority": "Data Protection Commission", "web": "https://www.dataprotection.ie"}

# What staff type, what the data map calls things, and who was told.
_WORDS: Mapping[str, Mapping[Language, Any]] = {
    "name": NAME,
    "question": {
        "en": "Which two pieces of furniture did you order together in spring?",
        "ja": "春に一緒にご注文いただいた家具二点の品名をお知らせください。",
    },
    "explanation": {
        "en": "Your orders of 2019 to 2021 lie in the archive of the shop that we took over, and have to be matched.",
        "ja": "2019年から2021年までのご注文は、当社が引き継いだ店舗の記録にあり、照合が必要です。",
    },
    "reason": {
        "en": "Two of the letters name a neighbour, who did not agree.",
        "ja": "書面のうち二通にご近所の方のお名前があり、同意をいただいていないためです。",
    },
    "done": {
        "en": "We looked through our systems and did what you asked for.\n\nNothing is left to do.",
        "ja": "各システムを確認し、ご請求のとおり対応しました。\n\nお手続きは必要ありません。",
    },
    "purpose": {"en": "To tell you of repairs near you", "ja": "修理サービスのご案内"},
    "wording": {
        "en": "Yes, please send me the newsletter about twice a month. I can stop it at any time with one click.",
        "ja": "メールマガジン（月2回程度）の配信に同意します。配信はいつでも停止できます。",
    },
    "message": {
        "en": "Thank you for your question. Could you tell us on which page you saw this?",
        "ja": "お問い合わせありがとうございます。どのページでご覧になったかお知らせください。",
    },
    "decision": {"en": "Fraud check of a payment", "ja": "お支払いの不正利用の確認"},
    "logic": {
        "en": "The payment service compares the order with patterns of misuse and gives it a risk class.",
        "ja": "決済サービスが、ご注文を不正利用の傾向と照らし合わせ、リスク区分を付けます。",
    },
    "consequences": {
        "en": "An order of a high risk class can be paid in advance only.",
        "ja": "リスクが高い場合、お支払い方法は前払いに限られます。",
    },
    "granted": {"en": ["Your account", "Your orders"], "ja": ["アカウント情報", "ご注文"]},
    "deleted": {"en": ["Survey answers", "Messages"], "ja": ["アンケートの回答", "お問い合わせ"]},
    "anonymised": {"en": ["Visits to the site"], "ja": ["サイトの閲覧記録"]},
    "suppressed": {"en": ["E-mail address", "Member number"], "ja": ["メールアドレス", "会員番号"]},
    "recipients": {"en": ["Kaze Logistics", "Hana Payments"], "ja": ["風運輸株式会社", "花決済株式会社"]},
    "purposes": {"en": ["To send paper catalogues"], "ja": ["カタログの送付"]},
    "recipient": {"en": "Hana Payments", "ja": "花決済株式会社"},
    "instructions": {"en": "Enter the order numbers in their console.", "ja": "管理画面に注文番号を入力してください。"},
}
_CORRECTED: Mapping[Language, str] = {
    "en": "Postcode: 153-***1 before, 153-***3 now.",
    "ja": "郵便番号：「153-***1」を「153-***3」に訂正しました。",
}
_ONE_CORRECTED: Mapping[Language, Mapping[str, str]] = {
    "en": {"what": "Postcode (Address book)", "old": "153***1", "new": "153***3"},
    "ja": {"what": "郵便番号（住所録）", "old": "153***1", "new": "153***3"},
}
_ONE_DISPUTED: Mapping[Language, str] = {"en": "Customer group (Account)", "ja": "顧客区分（アカウント）"}
_KNOWN_BY: Mapping[Language, Mapping[str, Any]] = {
    "en": {"kind": "Order number", "values": ["KF-100432", "KF-100518"]},
    "ja": {"kind": "注文番号", "values": ["KF-100432", "KF-100518"]},
}
_ASKED_ABOUT_A_MAIL: Mapping[Language, str] = {
    "en": "Would you like a copy of the data about you, or would you like them to be erased?",
    "ja": "個人情報の開示と消去のどちらをご希望ですか。",
}
_KEPT: Mapping[Language, tuple[Mapping[str, Any], ...]] = {
    "en": (
        {"what": "Orders", "rows": 12, "law": "Corporation Tax Act of Japan, Article 126", "until": date(2034, 3, 31)},
        {
            "what": "Deliveries",
            "rows": 7,
            "law": "Two years after the delivery",
            "first": date(2027, 2, 14),
            "until": date(2028, 8, 31),
        },
        {"what": "Consents", "rows": 1, "law": "Three years after you withdraw your consent"},
    ),
    "ja": (
        {"what": "ご注文", "rows": 12, "law": "法人税法第126条", "until": date(2034, 3, 31)},
        {
            "what": "配送の記録",
            "rows": 7,
            "law": "お届けから2年",
            "first": date(2027, 2, 14),
            "until": date(2028, 8, 31),
        },
        {"what": "同意の記録", "rows": 1, "law": "同意の撤回後3年"},
    ),
}
_LOST: Mapping[Language, tuple[str, str]] = {"en": ("Points", "Open orders"), "ja": ("ポイント", "未発送のご注文")}
_GONE: Mapping[Language, Mapping[str, Any]] = {
    "en": {"what": "Orders", "rows": 6, "law": "Corporation Tax Act", "until": date(2033, 5, 31)},
    "ja": {"what": "ご注文", "rows": 6, "law": "法人税法", "until": date(2033, 5, 31)},
}
_LEFT: Mapping[Language, str] = {"en": "Account: risk class, notes", "ja": "アカウント：リスク区分、メモ"}
_GONE_ON_WITH: Mapping[Language, tuple[str, str]] = {
    "en": ("To prevent fraud", "Three orders on invoice were not paid, and a fourth one is open."),
    "ja": ("不正利用の防止", "後払いのご注文3件が未払いとなっており、現在も1件のお支払いが済んでいないためです。"),
}
_WITHHELD: Mapping[Language, str] = {"en": "Messages that name a neighbour", "ja": "ご近所の方のお名前がある書面"}

# The same in every language.
_FACTS: Mapping[str, Any] = {
    "reference": REFERENCE,
    "our_reference": "RN-5F2K-0007",
    "follows": "RN-5F2K-0003",
    "stands": "RN-5F2K-0009",
    "first_reference": "RD-7K3M-9QXD-0",
    "first_received_on": date(2026, 9, 1),
    "code": "4821-9037",
    "code_minutes": 30,
    "tries": 5,
    "downloads": 5,
    "downloads_left": 4,
    "received_on": date(2026, 9, 3),
    "asked_on": date(2026, 9, 7),
    "target_on": date(2026, 9, 25),
    "old_due_on": date(2026, 10, 5),
    "due_on": date(2026, 10, 5),
    "conservative_due_on": date(2026, 10, 5),
    "closes_on": date(2026, 9, 21),
    "lifted_on": date(2026, 10, 19),
    "undo_until": datetime(2026, 9, 10, 1, 0, tzinfo=UTC),
    "delete": 14,
    "anonymise": 9,
    "keep": 6,
    "respond_by": date(2026, 9, 28),
    "answered_on": datetime(2026, 9, 11, 5, 30, tzinfo=UTC),
    "carried_out_on": datetime(2026, 9, 23, 1, 0, tzinfo=UTC),
    "changed_on": datetime(2026, 9, 23, 1, 0, tzinfo=UTC),
    "erased_on": date(2033, 6, 1),
    "entries": ["4f0c2b7d9e81a6350c7d2e4b18f0a95d3c6e7b21"],
    "last": True,
    "open_until": date(2026, 9, 10),
    "begins_on": date(2026, 10, 3),
    "reminder": True,
    "opens_at": datetime(2026, 9, 3, 6, 45, tzinfo=UTC),
    "downloaded_at": datetime(2026, 9, 26, 3, 20, tzinfo=UTC),
    "window_ends_on": datetime(2026, 10, 9, 3, 20, tzinfo=UTC),
    "files": f"{REFERENCE}_2026-09-25.zip\n" + "3f" * 32,
    "held": ["files/letters (2)"],
    "rights": [Phrase(name="type.access")],
    "country": Territory(code="IE"),
    "handed_on_by": "Market, Inc.",
    "handed_on_rights": [Phrase(name="type.access")],
    "handed_on_country": Territory(code="IE"),
    "by_reply": True,
    "asked_by": Phrase(name="agent.proxy", values={"agent": "Robin Clarke"}),
    "asked_rights": [Phrase(name="type.access")],
    "for_another": True,
    "mail": "4k9m2xq7tw",
    "count": 3,
    "oldest_on": date(2026, 9, 3),
    "proposes_withdrawal": True,
    "found": True,
    "erasure": True,
    "account_deleted": True,
    "portable": True,
    "suspends": True,
    "assignee": "staff-7",
    "proposed_by": "staff-7",
    "role": "approver",
    "failure": "CollectSources: SourceBrokenError",
    "waited_for": ["carrier", "payment_service"],
    "error": "SourceBrokenError",
    "letter": "extended",
    "doubt": Phrase(name="doubt.not_the_account"),
    "due_rule": Phrase(name="due_rule.gdpr"),
    "done_so_far": Phrase(name="progress.collecting"),
    "ground": Phrase(name="ground.gdpr_15_4"),
    "task": Phrase(name="task.release", values={"rows": 128, "sources": 3}),
    "result": Phrase(name="review.changed"),
    "says": Phrase(name="says.information"),
    "backups": Phrase(name="backups"),
    "action": Phrase(name="action.erase"),
    "basis": ground_of_notice(Law.GDPR, "erase"),
    "transfer": Phrase(name="transfer.sent", values=_TRANSFERRED),
    "fields": [Label(en="Name", ja="氏名"), Label(en="Delivery address", ja="お届け先の住所")],
    "again": True,
    "still_stopped": Phrase(name="stopped.marketing", values={"stopped_on": datetime(2026, 9, 7, 1, 0, tzinfo=UTC)}),
    "what_is_stopped": Phrase(name="lifting.of_use"),
    "recipients_by_hand": [Label(en="Sakura Payments K.K.", ja="さくらペイメント株式会社")],
    "recipients_not_to_tell": [Label(en="Sakura Payments K.K.", ja="さくらペイメント株式会社")],
    "stopped": [
        Label(en="To send newsletters that you asked for", ja="ご希望されたメールマガジンの配信"),
        Phrase(name="stopped.recipient", values={"recipient": "Sakura Payments K.K."}),
    ],
    "lifted": Phrase(name="lifting.answered", values={"lifted_on": date(2026, 10, 19)}),
    "warning": Phrase(name="warning.target_in_3_days"),
    "types": [Phrase(name="type.access"), Phrase(name="type.portability")],
    "remedies": Phrase(
        name="remedies.both",
        values={
            "first": Phrase(name="remedies.gdpr", values=_AUTHORITY),
            "second": Phrase(name="remedies.appi", values={"contact": "privacy@shop.example", "phone": "03-6457-9849"}),
        },
    ),
}
# Another company has a page of its own: the person's reference is none of its business. A mail has none yet.
_PAGES: Mapping[Letter, str] = {
    Letter.RECIPIENT_NOTICE: "notices/RN-5F2K-0007",
    Letter.MAIL_QUESTION: "start",
    Letter.NEWSLETTER_CONFIRMATION: "consent/kq2x7mfa",
    Letter.CONSENT_QUESTION: "consent/kq2x7mfa",
    Letter.NEW_PURPOSE: "start",
    Letter.ERASURE_CONFIRMATION: f"requests/{REFERENCE}/erasure",
    Letter.ERASURE_CONFIRMED: f"requests/{REFERENCE}/withdraw",
}
# Where one name means another thing in one letter.
_IN_ONE_LETTER: Mapping[Letter, Mapping[str, Any]] = {
    Letter.PROGRESS: {"status": Phrase(name="progress.collecting")},
    Letter.LATE: {"status": Phrase(name="progress.awaiting_review")},
    Letter.EXTENDED: {"reason": Phrase(name="extension.complexity"), "due_on": date(2026, 12, 3)},
    Letter.RECTIFICATION_ANSWER: {"types": [Phrase(name="type.rectification")]},
    Letter.ERASURE_ANSWER: {"types": [Phrase(name="type.erasure")]},
    Letter.NOTHING_TO_ERASE: {"types": [Phrase(name="type.erasure")]},
    Letter.RESTRICTION_ANSWER: {"types": [Phrase(name="type.restriction")]},
    Letter.OBJECTION_ANSWER: {"types": [Phrase(name="type.objection")]},
    Letter.MESSAGE_RECEIVED: {
        "types": [Phrase(name="type.question")],
        "due_rule": Phrase(name="due_rule.question", values={"working_days": 5}),
    },
    Letter.MESSAGE_ANSWER: {"types": [Phrase(name="type.complaint")], "open_until": date(2026, 10, 7)},
    Letter.GENERAL_ANSWER: {"types": [Phrase(name="type.purpose_notice")]},
    Letter.WITHDRAWN: {"transfer": Phrase(name="transfer.unconfirmed", values={"host": "take.portable.example"})},
    Letter.TRANSFERRED: {"transfer": Phrase(name="transfer.sent_since", values=_TRANSFERRED)},
    Letter.REFUSED: {"granted": Phrase(name="refusal.nothing_granted")},
    Letter.STAFF_DISOWNED: {"status": Phrase(name="status.awaiting_review")},
    Letter.STAFF_DEADLINE: {"status": Phrase(name="status.awaiting_review")},
    Letter.STAFF_FAILURE: {"state": "CollectSources", "sources": ["shop"]},
    Letter.STAFF_UNDELIVERED: {"state": "bounced"},
}


def sample_values(letter: Letter, language: Language) -> dict[str, Any]:
    """Everything that a service may say in this letter; no optional part is missing."""
    here: dict[str, Any] = {
        **_FACTS,
        **{name: words[language] for name, words in _WORDS.items()},
        "kept": _kept(letter, language),
        "losses": _losses(language),
        "identifiers": [Phrase(name="notice.identifier", values=dict(_KNOWN_BY[language]))],
        "withheld": [
            Phrase(
                name="withheld.line", values={"what": _WITHHELD[language], "ground": Phrase(name="ground.gdpr_15_4")}
            )
        ],
        "link": f"{_ORIGIN}/{language}/{_PAGES.get(letter, f'requests/{REFERENCE}')}",
        "erased": [Phrase(name="gone.rows", values=_GONE[language])],
        "changed": [Phrase(name="changed.rows", values={"what": _GONE[language]["what"], "rows": 1})],
        **_IN_ONE_LETTER.get(letter, {}),
        **({"done": _CORRECTED[language]} if letter is Letter.RECTIFICATION_ANSWER else {}),
        "corrected": [Phrase(name="corrected.line", values=dict(_ONE_CORRECTED[language]))],
        "disputed": [Phrase(name="disputed.line", values={"what": _ONE_DISPUTED[language]})],
        **({"question": _ASKED_ABOUT_A_MAIL[language]} if letter is Letter.MAIL_QUESTION else {}),
    }
    rules = REQUIREMENTS[letter]
    wanted = rules.required | rules.optional | rules.flags
    spoken_of = {"asked_on", "carried_out_on"}  # by sentences that the press puts in
    return {name: value for name, value in here.items() if name in wanted | spoken_of}


def _kept(letter: Letter, language: Language) -> list[Phrase]:
    """What laws keep, in the answer to an erasure; and what staff leave, in every answer."""
    by_law = [Phrase(name=f"kept.rows{_until(part)}", values=dict(part)) for part in _KEPT[language]]
    if letter is Letter.ERASURE_CONFIRMATION:
        claim = {"what": _KEPT[language][0]["what"], "rows": 1, "ground": Phrase(name="ground.gdpr_17_3_e")}
        return [*by_law, Phrase(name="kept.rows_on_ground", values=claim)]
    if letter is Letter.OBJECTION_ANSWER:
        purpose, reason = _GONE_ON_WITH[language]
        what = Phrase(name="kept.purpose", values={"purpose": purpose, "data": [_LEFT[language]]})
        ground = Phrase(name="ground.gdpr_21_1")
        return [Phrase(name="withheld.line_with_reason", values={"what": what, "reason": reason, "ground": ground})]
    ground = Phrase(name="ground.gdpr_17_3_e" if letter is Letter.ERASURE_ANSWER else "ground.gdpr_21_1")
    left = Phrase(name="withheld.line", values={"what": _LEFT[language], "ground": ground})
    return [*by_law, left] if letter is Letter.ERASURE_ANSWER else [left]


def _until(part: Mapping[str, Any]) -> str:
    if "until" not in part:
        return "_without_day"
    return "_until_days" if "first" in part else ""


def _losses(language: Language) -> list[Phrase]:
    points, orders = _LOST[language]
    return [
        Phrase(name="loss.amount", values={"what": points, "amount": 1240}),
        Phrase(name="loss.count", values={"what": orders, "count": 2}),
    ]
