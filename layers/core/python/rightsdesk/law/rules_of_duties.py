"""The rules on how a request is dealt with: who asks, who is told, why a right is refused, where to turn then.

Staff read them, so they are in Japanese, too.
"""

# serves: B-4, E-13

from rightsdesk.law.rule import Rule, appi, gdpr, policy


def rules_of_duties() -> tuple[Rule, ...]:
    """In the order of the articles."""
    return (
        gdpr(
            "4-1",
            "4(1) and 12(2)",
            "The rights are those of the person whom the data are about.",
            "権利は、データの本人に属します。",
        ),
        gdpr(
            "12-2",
            "12(2)",
            "The rights are made easy to use; who cannot be identified is not refused before that is shown.",
            "権利の行使を容易にします。本人を特定できないことを当社が示さない限り、拒否しません。",
        ),
        gdpr(
            "12-6",
            "12(6)",
            "On reasonable doubt about who asks, what is needed to confirm it may be asked for.",
            "本人であることに合理的な疑いがある場合、確認に必要な情報を求めることができます。",
        ),
        gdpr(
            "13-4",
            "13(4) and 14(5)(a)",
            "Nobody need be told what they have been told already.",
            "本人が既に有する情報は、改めて提供する必要がありません。",
        ),
        gdpr(
            "17-1",
            "17(1)",
            "Erased on one of six grounds; where none applies, it is not.",
            "6つの事由のいずれかがある場合に消去します。いずれもない場合は消去しません。",
        ),
        gdpr(
            "18-3",
            "18(3)",
            "Who obtained a restriction is told before it is lifted.",
            "処理の制限を解除する前に、本人に知らせます。",
        ),
        gdpr(
            "19",
            "19",
            "Every recipient is told of a correction, erasure or restriction; the person may ask who was told.",
            "訂正・消去・制限を提供先に通知します。本人は、通知した提供先を尋ねることができます。",
        ),
        gdpr(
            "20-2",
            "20(2)",
            "Data go straight to another controller where that is technically feasible.",
            "技術的に可能な場合、データを他の管理者へ直接移転します。",
        ),
        gdpr(
            "22-1",
            "22(1)",
            "Against decisions of a machine alone that have serious effects; where there is none, nothing is reviewed.",
            "重大な影響を及ぼす、機械のみによる決定に対する権利です。そのような決定がなければ対象になりません。",
        ),
        gdpr(
            "77",
            "77",
            "Everybody may complain to a supervisory authority.",
            "監督機関に苦情を申し立てることができます。",
        ),
        gdpr("79", "79", "Everybody may go to court.", "裁判所に訴えることができます。"),
        appi(
            "27-1-i",
            "27(1)(i)",
            "Data may go to others without consent where a law demands it.",
            "法令に基づく場合は、本人の同意なく提供できます。",
        ),
        appi(
            "27-1-ii",
            "27(1)(ii)",
            "So may they to protect life, body or property, where consent is hard to get.",
            "人の生命、身体または財産の保護に必要で、同意を得ることが困難な場合は提供できます。",
        ),
        appi(
            "27-1-iii",
            "27(1)(iii)",
            "So may they for public health or the sound growth of children, where consent is hard to get.",
            "公衆衛生の向上または児童の健全な育成に特に必要で、同意を得ることが困難な場合は提供できます。",
        ),
        appi(
            "27-1-iv",
            "27(1)(iv)",
            "So may they to help an organ of the state, where asking for consent would hinder it.",
            "国の機関等の事務に協力する必要があり、同意を得ることで支障が生じるおそれがある場合は提供できます。",
        ),
        appi(
            "27-5",
            "27(5)",
            "Who works for us, or uses data jointly with us, is no third party.",
            "委託先および共同利用者は、第三者に当たりません。",
        ),
        appi(
            "28",
            "28",
            "Data go to third parties abroad with consent, or where the same protection is ensured.",
            "外国の第三者への提供は、本人の同意または同等の保護に基づいて行います。",
        ),
        appi(
            "29",
            "29",
            "Each provision to a third party is recorded.",
            "第三者への提供のつど、記録を作成し保存します。",
        ),
        appi(
            "30",
            "30",
            "Who receives data checks where they come from, and records it.",
            "第三者から提供を受ける際は、取得の経緯を確認し記録します。",
        ),
        appi(
            "32-2-i",
            "32(2)(i)",
            "Not told: the purpose of use is clear from what is published.",
            "不通知：公表している事項から利用目的が明らかです。",
        ),
        appi(
            "32-2-ii",
            "32(2)(ii) and 21(4)",
            "Not told: it could harm somebody or the business, or hinder a public authority.",
            "不通知：本人・第三者もしくは当社の権利利益を害し、または公的機関の事務に支障を及ぼすおそれがあります。",
        ),
        appi(
            "35",
            "35(1), (3) and (5)",
            "Use and provision stop on the grounds of the article; where none applies, they do not.",
            "同条の事由がある場合に利用や提供を停止します。いずれもない場合は停止しません。",
        ),
        appi(
            "35-7",
            "35(7)",
            "The person is told without delay what was done, or that it was not.",
            "利用停止等を行ったこと、または行わないことを、遅滞なく本人に通知します。",
        ),
        appi(
            "36",
            "36",
            "Who is refused is told the reasons, as far as possible.",
            "請求に応じない場合は、その理由を説明するよう努めます。",
        ),
        appi(
            "37",
            "37(1), (3) and (4)",
            "A procedure may be set, with a check of who asks; agents may ask; it must burden nobody too much.",
            "請求の方法と本人確認の手続を定めることができます。代理人による請求を認め、過重な負担をかけません。",
        ),
        appi(
            "38",
            "38",
            "A fee is allowed for the purpose of use and for disclosure only, and is told beforehand.",
            "手数料は利用目的の通知と開示に限り、あらかじめ定めた額を徴収できます。",
        ),
        appi(
            "43",
            "43 and Rules 34 to 36",
            "Data are anonymised so that nothing can be restored, and never matched to find the person.",
            "復元できないように匿名加工し、本人を識別するための照合を行いません。",
        ),
        policy(
            "CELL-SIZE",
            "Statistics leave only where each number stands for a minimum of people.",
            "統計は、各数値の対象人数が所定の最小数以上の場合に限り提供します。",
        ),
    )
