"""The rules that only a person may apply: what each asks, in plain words, and what evidence it wants.

A decision that stands under one of these names its id, which is that of the rule in `law/rules.py`. Staff read the
question, gather the evidence, and answer for the case in front of them; the system never does.
"""

# serves: B-2, B-4

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rightsdesk.domain.fields import Label


@dataclass(frozen=True, slots=True)
class Judgement:
    """`id` is a rule of the register; `question` is what staff have to answer, `evidence` what the answer rests on."""

    id: str
    question: Label
    evidence: Label


def _judgements() -> tuple[Judgement, ...]:
    def judgement(rule: str, *, question: tuple[str, str], evidence: tuple[str, str]) -> Judgement:
        return Judgement(
            id=rule,
            question=Label(en=question[0], ja=question[1]),
            evidence=Label(en=evidence[0], ja=evidence[1]),
        )

    return (
        judgement(
            "GDPR-11-2",
            question=(
                "Can we really not tell which data are this person's, even with the help that they offered?",
                "本人の協力があっても、どのデータが本人のものか特定できませんか。",
            ),
            evidence=(
                "What was searched and with which identifiers; what the person was asked for, and what they gave.",
                "検索した範囲と使用した識別子、本人に求めた情報、本人から得た情報。",
            ),
        ),
        judgement(
            "GDPR-12-5",
            question=(
                "Is the request plainly without any basis, or excessive because it repeats others? That it is much "
                "work, or comes from somebody who complains, is not enough. A second person has to agree.",
                "請求に明らかに根拠がない、または繰り返しなどにより過度ですか。手間がかかること、苦情を述べている方であることは"
                "理由になりません。2人目の担当者の同意が必要です。",
            ),
            evidence=(
                "The earlier requests with their dates and answers, and what has changed since; or the words that show "
                "that the request serves another end.",
                "過去の請求の日付と回答、その後の変化。または、請求が別の目的によるものであることを示す記述。",
            ),
        ),
        judgement(
            "GDPR-15-4",
            question=(
                "Would giving this harm somebody else's rights or freedoms, and can that be avoided by leaving out a "
                "part? Then only that part stays back.",
                "提供すると他の方の権利や自由を害しますか。一部を除けば避けられる場合は、その部分のみを除いてください。",
            ),
            evidence=(
                "Who else the data are about, whether that person agreed, whether the subject knows it already, and "
                "what harm is feared.",
                "ほかに誰に関するデータか、その方の同意の有無、本人が既に知っているか、想定される不利益。",
            ),
        ),
        judgement(
            "GDPR-16",
            question=(
                "Is what we hold wrong or incomplete, seen from what it is used for?",
                "利用目的に照らして、保有する内容は誤っているか、または不完全ですか。",
            ),
            evidence=(
                "What the person says is right, and what bears it out; where the data came from, and when. An opinion "
                "that stays disputed gets a note.",
                "本人が正しいとする内容とその根拠、データの出所と時期。評価について争いが残る場合は、その旨を付記します。",
            ),
        ),
        judgement(
            "GDPR-17-3-a",
            question=(
                "Is this part of something published that others have a right to read or to say?",
                "公表された情報の一部であり、他の方の表現または知る権利に関わりますか。",
            ),
            evidence=(
                "Where it is published, what it adds to a public debate, and what it does to the person.",
                "公表の場所、公共の議論への寄与、本人への影響。",
            ),
        ),
        judgement(
            "GDPR-17-3-d",
            question=(
                "Would a study or statistics in the public interest fail without it, even made anonymous?",
                "公共の利益のための研究や統計が、匿名化しても成り立たなくなりますか。",
            ),
            evidence=(
                "The plan of the study, its safeguards, and why anonymous data do not do.",
                "研究計画、保護措置、匿名化したデータでは足りない理由。",
            ),
        ),
        judgement(
            "GDPR-17-3-e",
            question=(
                "Is it needed for a legal claim, ours or somebody's against us, that is raised or likely?",
                "現に提起された、またはその可能性が高い法的請求のために必要ですか。",
            ),
            evidence=(
                "Which claim, between whom, until when it can be raised, and which data prove what.",
                "請求の内容、当事者、時効の時期、どのデータが何を証明するか。",
            ),
        ),
        judgement(
            "GDPR-18-1",
            question=(
                "Does one of the four grounds hold: the accuracy is contested; the use is unlawful and the person does "
                "not want erasure; the person needs the data for a claim; an objection is still being weighed?",
                "次のいずれかに当たりますか。正確性に争いがある。取扱いが違法だが本人が消去を望まない。本人が法的請求のために"
                "必要としている。異議を検討中である。",
            ),
            evidence=(
                "The ground that the person names, what speaks for it, and when it will be settled.",
                "本人が挙げた事由、その根拠、解決の見込み時期。",
            ),
        ),
        judgement(
            "GDPR-21-1",
            question=(
                "Do we have compelling reasons to go on that outweigh this person's situation? Ours to show; if not, "
                "the use stops.",
                "本人の事情に優先する、やむを得ない理由がありますか。示せない場合は利用を停止します。証明は当社が負います。",
            ),
            evidence=(
                "The situation that the person describes, the interest that we pursue, why nothing milder would do, "
                "and how the two were weighed.",
                "本人が述べる事情、当社の利益、より影響の小さい方法では足りない理由、比較衡量の内容。",
            ),
        ),
        judgement(
            "GDPR-22-3",
            question=(
                "Looked at by a person who may change it: is the decision right, given what the subject says about it?",
                "変更する権限のある担当者が、本人の意見も踏まえて確認したところ、その決定は正しいですか。",
            ),
            evidence=(
                "The data and the logic that led to it, the view of the subject, who looked at it, what they changed.",
                "決定に用いたデータと仕組み、本人の意見、確認した担当者、変更した内容。",
            ),
        ),
        judgement(
            "APPI-33-2-i",
            question=(
                "Is disclosure likely to harm the life, body, property or other rights of the person or of others?",
                "開示により、本人または第三者の生命、身体、財産その他の権利利益を害するおそれがありますか。",
            ),
            evidence=(
                "Who would be harmed, how, and how likely that is.",
                "誰に、どのような不利益が、どの程度の可能性で生じるか。",
            ),
        ),
        judgement(
            "APPI-33-2-ii",
            question=(
                "Is disclosure likely to hinder our business seriously? That it is a nuisance is not enough.",
                "開示により、業務の適正な実施に著しい支障を及ぼすおそれがありますか。単に手間がかかることは理由になりません。",
            ),
            evidence=(
                "Which work would be hindered and how; why disclosure in part would not do.",
                "どの業務にどのような支障が生じるか、一部の開示では足りない理由。",
            ),
        ),
        judgement(
            "APPI-33-2-iii",
            question=("Would disclosure break another law?", "開示すると他の法令に違反しますか。"),
            evidence=("The law and its article, and why it forbids this.", "法令名と条文、禁止される理由。"),
        ),
        judgement(
            "APPI-34",
            question=(
                "After looking into it: is the content untrue, so that it has to be corrected for its purpose of use?",
                "調査の結果、内容は事実でなく、利用目的の達成に必要な範囲で訂正等が必要ですか。",
            ),
            evidence=(
                "What was looked into, when and by whom, and what was found.",
                "調査の内容、日付、担当者、結果。",
            ),
        ),
        judgement(
            "APPI-35-2",
            question=(
                "Does a ground of article 35 hold? If so, would stopping cost so much or be so difficult that another "
                "measure has to protect the person?",
                "第35条の事由に当たりますか。当たる場合、停止等に多額の費用を要するなど困難で、代替措置によるべきですか。",
            ),
            evidence=(
                "The facts behind the ground (purpose, way of getting the data, leak, need); the cost, and the measure "
                "taken instead.",
                "事由の根拠（利用目的、取得の方法、漏えい、必要性）、費用、代わりにとる措置。",
            ),
        ),
    )


JUDGEMENTS: Mapping[str, Judgement] = MappingProxyType({each.id: each for each in _judgements()})
