"""The register of the rules this code carries: where each comes from and since when it holds.

A computation never states a date without the id of the rule that gave it, so that a decision can be read again years
later under the text it was made under. Rules whose source is `POLICY` are this product's own choice; a lawyer may
choose otherwise.
"""

# serves: B-4

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

POLICY = "policy of Rightsdesk"
_GDPR = "Regulation (EU) 2016/679 (GDPR)"
_GDPR_TEXT = "OJ L 119, 4.5.2016, as corrected by OJ L 127, 23.5.2018"
_TIME_LIMITS = "Regulation (EEC, Euratom) No 1182/71"
_TIME_LIMITS_TEXT = "OJ L 124, 8.6.1971"
_EDPB = "EDPB Guidelines 01/2022 on the right of access"
_EDPB_TEXT = "version 2.1 of 28 March 2023"
_APPI = "Act on the Protection of Personal Information (APPI)"
_APPI_TEXT = "Act No. 57 of 2003, as amended by Act No. 37 of 2021"
_POLICY_TEXT = "1"

_GDPR_APPLIES = date(2018, 5, 25)
_TIME_LIMITS_APPLY = date(1971, 7, 1)
_EDPB_ADOPTED = date(2023, 3, 28)
_APPI_IN_FORCE = date(2022, 4, 1)
_POLICY_SINCE = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `source` names the text and the place in it, `version` the wording that was read."""

    id: str
    source: str
    version: str
    valid_from: date
    summary: str
    ja: str = ""  # the summary in Japanese, of rules that decide about data: staff read it

    @property
    def is_policy(self) -> bool:
        """True for a choice of this product, False for the text of a law or of an authority."""
        return self.source == POLICY


def _gdpr(number: str, article: str, summary: str, ja: str = "") -> Rule:
    return Rule(f"GDPR-{number}", f"{_GDPR}, Article {article}", _GDPR_TEXT, _GDPR_APPLIES, summary, ja)


def _appi(number: str, article: str, summary: str, ja: str = "") -> Rule:
    return Rule(f"APPI-{number}", f"{_APPI}, Article {article}", _APPI_TEXT, _APPI_IN_FORCE, summary, ja)


def _policy(name: str, summary: str, ja: str = "") -> Rule:
    return Rule(f"POLICY-{name}", POLICY, _POLICY_TEXT, _POLICY_SINCE, summary, ja)


def _of_time() -> tuple[Rule, ...]:
    def limits(number: str, article: str, summary: str) -> Rule:
        return Rule(
            f"R1182-{number}", f"{_TIME_LIMITS}, Article {article}", _TIME_LIMITS_TEXT, _TIME_LIMITS_APPLY, summary
        )

    def edpb(paragraph: str, summary: str) -> Rule:
        return Rule(f"EDPB-{paragraph}", f"{_EDPB}, paragraph {paragraph}", _EDPB_TEXT, _EDPB_ADOPTED, summary)

    return (
        _gdpr("3", "3", "Applies to a controller in the EEA, and to one outside that offers goods to people in it."),
        _gdpr("12-3", "12(3)", "Answer within one month of receipt; two more where necessary, told within the first."),
        _gdpr("12-4", "12(4)", "A refusal is told at the latest one month after receipt."),
        edpb("159", "Starts on receipt; suspended while identity or a clarification is asked for without undue delay."),
        edpb("162", "An extension is an exception and depends on the case, not on the general load."),
        limits(
            "2",
            "2(1)",
            "Holidays are those of the member state concerned: the nation-wide ones where the subject lives.",
        ),
        limits("3-1", "3(1)", "The day of the event is not counted."),
        limits("3-2-c", "3(2)(c)", "A period of months ends on the same date, or on the last day of a shorter month."),
        limits("3-4", "3(3) and (4)", "A last day on a holiday, Saturday or Sunday moves to the next working day."),
        _appi("16-2", "16(2) and 171", "Applies to businesses in Japan, and to others that deal with people in Japan."),
        _appi("33-2", "33(2)", "Disclosure without delay; the Act names no number of days and no extension."),
        _appi("39", "39", "The subject may sue two weeks after the request arrived, or once it was refused."),
        _policy("ZONE", "Of the dates of receipt in the zones concerned, the one that ends the period earlier holds."),
        _policy("ASKED-IN-TIME", "A suspension counts only if asked for within 3 working days of receipt."),
        _policy("TARGET", "Work aims at 5 working days, here and there, before the period ends."),
        _policy("APPI-TARGET", "14 days after arrival, rolled back to a working day in Japan."),
        _policy("STRICTER", "Where two laws apply, each step follows the stricter."),
        _policy("PROMISE", "Where neither law applies, the merchant's promise does, counted like the GDPR's month."),
    )


def _of_decisions() -> tuple[Rule, ...]:
    return (
        _gdpr("6-1-a", "6(1)(a)", "Held on consent.", "同意に基づいて保有しています。"),
        _gdpr("6-1-b", "6(1)(b)", "Held because a contract needs it.", "契約の履行に必要なため保有しています。"),
        _gdpr(
            "6-1-c",
            "6(1)(c)",
            "Held because a law demands it: no erasure, no portability, no objection.",
            "法令上の義務により保有しています。消去・データポータビリティ・異議の対象外です。",
        ),
        _gdpr("6-1-d", "6(1)(d)", "Held to protect somebody's life.", "生命に関わる利益を守るために保有しています。"),
        _gdpr(
            "6-1-e",
            "6(1)(e)",
            "Held for a task in the public interest.",
            "公共の利益のための業務に必要なため保有しています。",
        ),
        _gdpr("6-1-f", "6(1)(f)", "Held for legitimate interests.", "正当な利益のために保有しています。"),
        _gdpr(
            "7-1",
            "7(1)",
            "That consent was given, and when it ended, has to be shown: the record of it stays.",
            "同意の有無を証明できるよう、同意の記録は残します。",
        ),
        _gdpr(
            "7-3",
            "7(3)",
            "Consent may be withdrawn at any time, as easily as it was given.",
            "同意は、与えたときと同じくらい簡単に、いつでも撤回できます。",
        ),
        _gdpr(
            "11-2",
            "11(2)",
            "Who cannot be told apart from others has no rights under 15 to 20, unless they help.",
            "本人を特定できない場合、追加の情報がない限り第15条から第20条の権利は及びません。",
        ),
        _gdpr(
            "12-5",
            "12(5)",
            "What is manifestly unfounded or excessive may be refused; it is ours to show.",
            "明らかに根拠のない、または過度な請求は拒否できます。その証明は当社が負います。",
        ),
        _gdpr(
            "13",
            "13",
            "Information about data that came from the person.",
            "本人から取得したデータに関する情報を提供します。",
        ),
        _gdpr(
            "14",
            "14",
            "Information about data that did not come from the person.",
            "本人以外から取得したデータに関する情報を提供します。",
        ),
        _gdpr(
            "15",
            "15",
            "The person gets a copy of the data, and the facts about them.",
            "データの写しと、取扱いに関する情報を提供します。",
        ),
        _gdpr(
            "15-4",
            "15(4)",
            "A copy must not harm the rights and freedoms of others.",
            "写しの提供により、他の方の権利や自由を害してはなりません。",
        ),
        _gdpr("16", "16", "What is wrong is corrected, what is missing is added.", "誤りを訂正し、不足を補います。"),
        _gdpr(
            "17-1-a",
            "17(1)(a)",
            "Erased: no longer needed for what it was collected for.",
            "消去：収集した目的に必要でなくなりました。",
        ),
        _gdpr(
            "17-1-b",
            "17(1)(b)",
            "Erased: consent was withdrawn, and nothing else allows to hold it.",
            "消去：同意が撤回され、ほかに保有の根拠がありません。",
        ),
        _gdpr(
            "17-1-c",
            "17(1)(c)",
            "Erased: the person objects, and no overriding ground is left.",
            "消去：異議があり、それに優先する理由がありません。",
        ),
        _gdpr("17-1-d", "17(1)(d)", "Erased: it was never lawful to hold it.", "消去：保有が違法でした。"),
        _gdpr("17-1-e", "17(1)(e)", "Erased: a law demands it.", "消去：法令により消去が義務付けられています。"),
        _gdpr(
            "17-1-f",
            "17(1)(f)",
            "Erased: it was collected from a child for an online service.",
            "消去：オンラインサービスで子どもから収集したものです。",
        ),
        _gdpr(
            "17-3-a",
            "17(3)(a)",
            "Kept: needed for freedom of expression and information.",
            "保持：表現および情報の自由のために必要です。",
        ),
        _gdpr(
            "17-3-b",
            "17(3)(b)",
            "Kept: a law demands it, or a task in the public interest does.",
            "保持：法令上の義務または公共の利益のための業務に必要です。",
        ),
        _gdpr("17-3-c", "17(3)(c)", "Kept: needed for public health.", "保持：公衆衛生のために必要です。"),
        _gdpr(
            "17-3-d",
            "17(3)(d)",
            "Kept: archiving, research or statistics would be made impossible.",
            "保持：消去により保存・研究・統計の目的が達成できなくなります。",
        ),
        _gdpr("17-3-e", "17(3)(e)", "Kept: needed for legal claims.", "保持：法的請求のために必要です。"),
        _gdpr(
            "18-1",
            "18(1)",
            "On one of four grounds data are only stored until things are settled.",
            "4つの事由のいずれかがある場合、解決まで保存のみを行います。",
        ),
        _gdpr(
            "20-1",
            "20(1)",
            "What the person provided on consent or contract is given in a form for machines.",
            "同意または契約に基づき本人が提供したデータを、機械で読める形式で提供します。",
        ),
        _gdpr(
            "20-4",
            "20(4)",
            "Taking data along must not harm the rights and freedoms of others.",
            "データの持ち出しにより、他の方の権利や自由を害してはなりません。",
        ),
        _gdpr(
            "21-1",
            "21(1)",
            "Use for legitimate interests or a public task stops, but for compelling grounds.",
            "正当な利益または公共の業務のための利用は、やむを得ない理由を示せない限り停止します。",
        ),
        _gdpr(
            "21-3",
            "21(2) and (3)",
            "Use for direct marketing stops at once, profiling for it included.",
            "ダイレクトマーケティングのための利用は、そのためのプロファイリングも含め直ちに停止します。",
        ),
        _gdpr(
            "22-3",
            "22(3)",
            "A person reviews what a machine decided, and hears the view of whom it is about.",
            "自動的な決定を担当者が再検討し、本人の意見を聞きます。",
        ),
        _appi(
            "2-6",
            "2(6)",
            "Anonymised so that nobody can be identified and nothing be restored.",
            "個人を識別できず、復元もできないように匿名加工します。",
        ),
        _appi(
            "27-1",
            "27(1)",
            "Data go to third parties with consent, or where a law demands it.",
            "第三者への提供は、本人の同意または法令に基づいて行います。",
        ),
        _appi(
            "32-1",
            "32(1)",
            "Who we are, the purposes and the procedures are told.",
            "事業者の名称、利用目的、手続などを本人の知り得る状態に置きます。",
        ),
        _appi("32-2", "32(2)", "The purpose of use is told on request.", "求めに応じて利用目的を通知します。"),
        _appi(
            "33-1", "33(1) and (2)", "The data are disclosed on request.", "請求に応じて保有個人データを開示します。"
        ),
        _appi(
            "33-2-i",
            "33(2)(i)",
            "Not disclosed: likely to harm life, body, property or rights of anybody.",
            "不開示：本人または第三者の生命、身体、財産その他の権利利益を害するおそれがあります。",
        ),
        _appi(
            "33-2-ii",
            "33(2)(ii)",
            "Not disclosed: likely to hinder our business seriously.",
            "不開示：業務の適正な実施に著しい支障を及ぼすおそれがあります。",
        ),
        _appi(
            "33-2-iii",
            "33(2)(iii)",
            "Not disclosed: would break another law.",
            "不開示：他の法令に違反することとなります。",
        ),
        _appi(
            "33-5",
            "33(5)",
            "The records of provision to third parties are disclosed on request.",
            "請求に応じて第三者提供記録を開示します。",
        ),
        _appi(
            "34",
            "34",
            "Content that is not true is corrected after an investigation.",
            "調査のうえ、事実でない内容を訂正・追加・削除します。",
        ),
        _appi(
            "35-1",
            "35(1) and (2)",
            "Use stops, or data are erased, where they were got or used unlawfully.",
            "違法な取扱いまたは取得がある場合、利用停止または消去を行います。",
        ),
        _appi(
            "35-2",
            "35(2), (4) and (6)",
            "Where stopping costs too much or is too difficult, other measures may protect the person.",
            "多額の費用を要するなど困難な場合は、本人を保護するための代替措置をとることができます。",
        ),
        _appi(
            "35-3",
            "35(3) and (4)",
            "Provision to third parties stops where it was unlawful.",
            "違法な第三者提供を停止します。",
        ),
        _appi(
            "35-5",
            "35(5) and (6)",
            "Use and provision stop, or data are erased, where they are no longer needed.",
            "利用する必要がなくなった場合など、利用停止・消去・第三者提供の停止を行います。",
        ),
        _policy(
            "KEPT-RECORD",
            "In a record that a law makes us keep, the key to its person is anonymised.",
            "法令により保存する記録では、本人につながる番号を匿名化します。",
        ),
        _policy(
            "PROMISED-RIGHTS",
            "Where no law knows the right, the merchant gives it as its own promise.",
            "法令に定めのない権利は、当社の約束として認めます。",
        ),
    )


RULES_OF_TIME = MappingProxyType({rule.id: rule for rule in _of_time()})
RULES_OF_DECISIONS = MappingProxyType({rule.id: rule for rule in _of_decisions()})
RULES = MappingProxyType({**RULES_OF_TIME, **RULES_OF_DECISIONS})
