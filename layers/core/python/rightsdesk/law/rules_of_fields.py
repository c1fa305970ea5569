"""The rules by which each field is given, withheld, deleted or kept; staff read them, so they are in Japanese, too."""

# serves: B-4

from rightsdesk.law.rule import Rule, appi, gdpr, policy


def rules_of_fields() -> tuple[Rule, ...]:
    """In the order of the articles."""
    return (
        gdpr("6-1-a", "6(1)(a)", "Held on consent.", "同意に基づいて保有しています。"),
        gdpr("6-1-b", "6(1)(b)", "Held because a contract needs it.", "契約の履行に必要なため保有しています。"),
        gdpr(
            "6-1-c",
            "6(1)(c)",
            "Held because a law demands it: no erasure, no portability, no objection.",
            "法令上の義務により保有しています。消去・データポータビリティ・異議の対象外です。",
        ),
        gdpr("6-1-d", "6(1)(d)", "Held to protect somebody's life.", "生命に関わる利益を守るために保有しています。"),
        gdpr(
            "6-1-e",
            "6(1)(e)",
            "Held for a task in the public interest.",
            "公共の利益のための業務に必要なため保有しています。",
        ),
        gdpr("6-1-f", "6(1)(f)", "Held for legitimate interests.", "正当な利益のために保有しています。"),
        gdpr(
            "7-1",
            "7(1)",
            "That consent was given, and when it ended, has to be shown: the record of it stays.",
            "同意の有無を証明できるよう、同意の記録は残します。",
        ),
        gdpr(
            "7-3",
            "7(3)",
            "Consent may be withdrawn at any time, as easily as it was given.",
            "同意は、与えたときと同じくらい簡単に、いつでも撤回できます。",
        ),
        gdpr(
            "11-2",
            "11(2)",
            "Who cannot be told apart from others has no rights under 15 to 20, unless they help.",
            "本人を特定できない場合、追加の情報がない限り第15条から第20条の権利は及びません。",
        ),
        gdpr(
            "12-5",
            "12(5)",
            "What is manifestly unfounded or excessive may be refused; it is ours to show.",
            "明らかに根拠のない、または過度な請求は拒否できます。その証明は当社が負います。",
        ),
        gdpr(
            "13",
            "13",
            "Information about data that came from the person.",
            "本人から取得したデータに関する情報を提供します。",
        ),
        gdpr(
            "14",
            "14",
            "Information about data that did not come from the person.",
            "本人以外から取得したデータに関する情報を提供します。",
        ),
        gdpr(
            "15",
            "15",
            "The person gets a copy of the data, and the facts about them.",
            "データの写しと、取扱いに関する情報を提供します。",
        ),
        gdpr(
            "15-4",
            "15(4)",
            "A copy must not harm the rights and freedoms of others.",
            "写しの提供により、他の方の権利や自由を害してはなりません。",
        ),
        gdpr("16", "16", "What is wrong is corrected, what is missing is added.", "誤りを訂正し、不足を補います。"),
        gdpr(
            "17-1-a",
            "17(1)(a)",
            "Erased: no longer needed for what it was collected for.",
            "消去：収集した目的に必要でなくなりました。",
        ),
        gdpr(
            "17-1-b",
            "17(1)(b)",
            "Erased: consent was withdrawn, and nothing else allows to hold it.",
            "消去：同意が撤回され、ほかに保有の根拠がありません。",
        ),
        gdpr(
            "17-1-c",
            "17(1)(c)",
            "Erased: the person objects, and no overriding ground is left.",
            "消去：異議があり、それに優先する理由がありません。",
        ),
        gdpr("17-1-d", "17(1)(d)", "Erased: it was never lawful to hold it.", "消去：保有が違法でした。"),
        gdpr("17-1-e", "17(1)(e)", "Erased: a law demands it.", "消去：法令により消去が義務付けられています。"),
        gdpr(
            "17-1-f",
            "17(1)(f)",
            "Erased: it was collected from a child for an online service.",
            "消去：オンラインサービスで子どもから収集したものです。",
        ),
        gdpr(
            "17-3-a",
            "17(3)(a)",
            "Kept: needed for freedom of expression and information.",
            "保持：表現および情報の自由のために必要です。",
        ),
        gdpr(
            "17-3-b",
            "17(3)(b)",
            "Kept: a law demands it, or a task in the public interest does.",
            "保持：法令上の義務または公共の利益のための業務に必要です。",
        ),
        gdpr("17-3-c", "17(3)(c)", "Kept: needed for public health.", "保持：公衆衛生のために必要です。"),
        gdpr(
            "17-3-d",
            "17(3)(d)",
            "Kept: archiving, research or statistics would be made impossible.",
            "保持：消去により保存・研究・統計の目的が達成できなくなります。",
        ),
        gdpr("17-3-e", "17(3)(e)", "Kept: needed for legal claims.", "保持：法的請求のために必要です。"),
        gdpr(
            "18-1",
            "18(1)",
            "On one of four grounds data are only stored until things are settled.",
            "4つの事由のいずれかがある場合、解決まで保存のみを行います。",
        ),
        gdpr(
            "20-1",
            "20(1)",
            "What the person provided on consent or contract is given in a form for machines.",
            "同意または契約に基づき本人が提供したデータを、機械で読める形式で提供します。",
        ),
        gdpr(
            "20-4",
            "20(4)",
            "Taking data along must not harm the rights and freedoms of others.",
            "データの持ち出しにより、他の方の権利や自由を害してはなりません。",
        ),
        gdpr(
            "21-1",
            "21(1)",
            "Use for legitimate interests or a public task stops, but for compelling grounds.",
            "正当な利益または公共の業務のための利用は、やむを得ない理由を示せない限り停止します。",
        ),
        gdpr(
            "21-3",
            "21(2) and (3)",
            "Use for direct marketing stops at once, profiling for it included.",
            "ダイレクトマーケティングのための利用は、そのためのプロファイリングも含め直ちに停止します。",
        ),
        gdpr(
            "22-3",
            "22(3)",
            "A person reviews what a machine decided, and hears the view of whom it is about.",
            "自動的な決定を担当者が再検討し、本人の意見を聞きます。",
        ),
        appi(
            "2-6",
            "2(6)",
            "Anonymised so that nobody can be identified and nothing be restored.",
            "個人を識別できず、復元もできないように匿名加工します。",
        ),
        appi(
            "27-1",
            "27(1)",
            "Data go to third parties with consent, or where a law demands it.",
            "第三者への提供は、本人の同意または法令に基づいて行います。",
        ),
        appi(
            "32-1",
            "32(1)",
            "Who we are, the purposes and the procedures are told.",
            "事業者の名称、利用目的、手続などを本人の知り得る状態に置きます。",
        ),
        appi("32-2", "32(2)", "The purpose of use is told on request.", "求めに応じて利用目的を通知します。"),
        appi("33-1", "33(1) and (2)", "The data are disclosed on request.", "請求に応じて保有個人データを開示します。"),
        appi(
            "33-2-i",
            "33(2)(i)",
            "Not disclosed: likely to harm life, body, property or rights of anybody.",
            "不開示：本人または第三者の生命、身体、財産その他の権利利益を害するおそれがあります。",
        ),
        appi(
            "33-2-ii",
            "33(2)(ii)",
            "Not disclosed: likely to hinder our business seriously.",
            "不開示：業務の適正な実施に著しい支障を及ぼすおそれがあります。",
        ),
        appi(
            "33-2-iii",
            "33(2)(iii)",
            "Not disclosed: would break another law.",
            "不開示：他の法令に違反することとなります。",
        ),
        appi(
            "33-5",
            "33(5)",
            "The records of provision to third parties are disclosed on request.",
            "請求に応じて第三者提供記録を開示します。",
        ),
        appi(
            "34",
            "34",
            "Content that is not true is corrected after an investigation.",
            "調査のうえ、事実でない内容を訂正・追加・削除します。",
        ),
        appi(
            "35-1",
            "35(1) and (2)",
            "Use stops, or data are erased, where they were got or used unlawfully.",
            "違法な取扱いまたは取得がある場合、利用停止または消去を行います。",
        ),
        appi(
            "35-2",
            "35(2), (4) and (6)",
            "Where stopping costs too much or is too difficult, other measures may protect the person.",
            "多額の費用を要するなど困難な場合は、本人を保護するための代替措置をとることができます。",
        ),
        appi(
            "35-3",
            "35(3) and (4)",
            "Provision to third parties stops where it was unlawful.",
            "違法な第三者提供を停止します。",
        ),
        appi(
            "35-5",
            "35(5) and (6)",
            "Use and provision stop, or data are erased, where they are no longer needed.",
            "利用する必要がなくなった場合など、利用停止・消去・第三者提供の停止を行います。",
        ),
        policy(
            "KEPT-RECORD",
            "From a record that a law makes us keep, the key to its person is taken out.",
            "法令により保存する記録からは、本人につながる番号を取り除きます。",
        ),
        policy(
            "CLOSED-LIST",
            "Purposes and recipients are closed lists: what is not on them is not allowed.",
            "利用目的と提供先は限定列挙です。記載のないものは認めません。",
        ),
        policy(
            "NEW-PURPOSE",
            "A purpose that was added is used for nobody who was not told of it in time, or did not agree to it.",
            "追加した利用目的は、事前の通知または同意がない限り利用しません。",
        ),
        policy(
            "UNSUBSCRIBED",
            "Whoever reads a mailbox stops a list with one click, without a check (GDPR 7(3), 21(3), RFC 8058).",
            "メールを受け取る方は、本人確認なしに一度の操作で配信を停止できます（GDPR第7条第3項等）。",
        ),
        policy(
            "STAY-ERASED",
            "Who was erased is used for nothing until they come back by themselves.",
            "消去された方の情報は、ご本人が改めて利用を始めるまで、いかなる目的にも利用しません。",
        ),
        policy(
            "PROMISED-RIGHTS",
            "Where no law knows the right, the merchant gives it as its own promise.",
            "法令に定めのない権利は、当社の約束として認めます。",
        ),
    )
