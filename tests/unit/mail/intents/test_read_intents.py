"""What speaks for and against an intent, one rule at a time; and that no text makes it slow."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.intents import THRESHOLD, IntentType
from rightsdesk.mail.intents import read_intents
from rightsdesk.mail.intents.languages import language_of
from rightsdesk.mail.intents.words import languages, word_table

LONGEST = 256 * 1024


def clear(text: str, subject: str = "") -> set[str]:
    return {str(intent.type) for intent in read_intents(subject, text).clear}


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Please unsubscribe me from your newsletter.", {"newsletter"}),
        ("メールマガジンの配信を停止してください。", {"newsletter"}),
        ("Bitte melden Sie mich vom Newsletter ab.", {"newsletter"}),
        ("I object to direct marketing.", {"marketing"}),
        ("I object to the use of my data for marketing and profiling.", {"marketing", "profiling"}),
        ("I withdraw my consent.", set()),
        ("I liked your newsletter. Please send me a copy of my data.", set()),
    ],
)
def test_what_is_to_stop_is_read_from_the_sentence_that_asks_for_it(text: str, about: set[str]) -> None:
    assert read_intents("", text).about == about


@pytest.mark.parametrize(
    "text",
    [
        "I am writing on behalf of my client, Ms Aiko Sato. Please send a copy of all data you hold about her.",
        "Please send me a copy of my data and, on behalf of my wife, of hers.",
        "Please send me a copy of all personal data you hold about my neighbour John Smith.",
        "代理人として、佐藤花子さんの個人情報の開示を請求します。",
        "依頼人の個人情報の利用停止を求めます。委任状を添付します。",
        "母に代わり、母の会員情報の削除をお願いします。",
        "Im Namen meines Mandanten bitte ich um Auskunft nach Art. 15 DSGVO.",
        "Au nom de ma cliente, je vous demande l'accès à toutes ses données personnelles.",
    ],
)
def test_what_is_asked_for_or_about_somebody_else_is_no_right_of_the_sender(text: str) -> None:
    assert read_intents("", text).for_another
    assert clear(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Please send me a copy of my data.",
        "個人情報の開示を請求します。",
        "I represent Ms Sato. I complain about how you handle her data.",
        "代理人として請求するには委任状が必要でしょうか。",
        "Where is my parcel?",
    ],
)
def test_a_right_of_the_senders_own_and_what_is_no_right_are_not_for_somebody_else(text: str) -> None:
    assert not read_intents("", text).for_another


def test_reasons_are_named_readably() -> None:
    (intent,) = read_intents("", "Please send me a copy of my data under Art. 15 GDPR.").intents
    assert intent.type is IntentType.ACCESS
    assert "en: send + copy + my data" in intent.why
    assert "Art. 15 GDPR" in intent.why


def test_what_speaks_against_is_named() -> None:
    reading = read_intents("", "Delete my data? No: please do not delete my data.")
    (erasure,) = [intent for intent in reading.intents if intent.type is IntentType.ERASURE]
    assert erasure.score < THRESHOLD
    assert any(why.startswith("negative: ") for why in erasure.why)


@pytest.mark.parametrize(
    "text",
    [
        "Please remove me.",
        "Please delete my order.",
        "Forget it.",
        "Cancel.",
        "Please close my account.",
        "Can I delete my data?",
        "How do I delete my account?",
        "If you cannot help me then delete my data.",
        "Do not delete my data.",
        "I don't want you to delete my personal data.",
        "Please delete my husband's personal data.",
        'He wrote: "please delete all of the personal data you have about me".',
        "Thank you for deleting my data.",
        "You deleted my data.",
        "Bitte löschen Sie meine Daten nicht.",
        "Ne supprimez pas mes données.",
        "No borren mis datos.",
        "個人情報を削除しないでください。",
        "個人情報は削除されますか？",
        "退会したい",
        "削除方法を教えてください",
        "Ich möchte nicht, dass meine Daten gelöscht werden.",
        "Ich will auf keinen Fall, dass Sie mein Konto löschen!",
        "J'ai supprimé mon compte par erreur, pouvez-vous le réactiver ?",
        "Je ne veux pas que vous supprimiez mes données.",
        "Merci d'avoir supprimé mes données.",
        "No quiero que eliminen mi cuenta.",
        "Non voglio che cancelliate i miei dati.",
        "Ik wil niet dat jullie mijn gegevens verwijderen.",
        "Não quero que apaguem os meus dados.",
        "Jag vill inte att ni raderar mina uppgifter.",
        "Nechci, abyste mazali moje údaje.",
        "Nie chcę, żebyście usuwali moje dane.",
        "Δεν θέλω να διαγράψετε τα δεδομένα μου.",
        "Ne želim da brišete moje podatke.",
        "Nu vreau să ștergeți datele mele.",
        "アカウントを削除したくありません",
        "Before you delete anything, please send me my data.",
        "I never asked you to delete my data!",
        "You said you would delete my data.",
        "Please tell me how my data will be deleted.",
        "I am the admin of our company; please delete the data of our former employee.",
        "I considered asking you to delete my data, but the discount convinced me.",
        "It would be a pity to have to delete my account.",
        "I see that you want to delete my data.",
        "Please explain why you want to delete my account.",
        "Please confirm you will not delete my data.",
        "Please make sure that my account isn't deleted.",
        "My ex wants you to delete my account, please ignore that.",
        "My colleague would like his data deleted.",
    ],
)
def test_erasure_is_never_read_from_ambiguity(text: str) -> None:
    assert "erasure" not in clear(text)


@pytest.mark.parametrize(
    "text",
    [
        "Unless you are required to keep it by law, please delete all my personal data.",
        "I don't want an account any more, please delete it and all my data.",
        "I no longer want to be your customer, so delete my data.",
        "I'm not happy with you. Please delete all my data.",
        "Ich möchte nicht mehr Kunde sein. Bitte löschen Sie alle meine Daten.",
        "Ich möchte, dass Sie meine Daten löschen.",
        "Alle meine Daten bitte löschen.",
        "Je souhaite que vous supprimiez toutes mes données.",
        "Quiero que borréis mis datos.",
        "Voglio che cancelliate i miei dati.",
        "Ik wil dat jullie mijn gegevens verwijderen.",
        "Chci, abyste smazali moje údaje.",
        "Chcę, żebyście usunęli moje dane.",
        "Θέλω να διαγράψετε τα δεδομένα μου.",
        "Želim da obrišete moje podatke.",
        "Vreau să ștergeți datele mele.",
        "私の個人情報を消去することを求めます。",
        "個人データの削除を請求します。",
        "会員情報の抹消をお願いいたします。",
    ],
)
def test_erasure_that_is_asked_for_is_read(text: str) -> None:
    assert clear(text) == {"erasure"}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Auskunft nach Art. 15 DSGVO, bitte.", "access"),
        ("Demande au titre de l'article 16 du RGPD : merci.", "rectification"),
        ("Verzoek op grond van artikel 20 AVG.", "portability"),
        ("個人情報保護法第32条第2項に基づく請求です。", "purpose_notice"),
        ("個人情報保護法第三十三条第五項に基づく請求です。", "provision_records"),
        ("個人情報保護法３５条３項により請求します。", "stop_provision"),
        ("Request under Art. 17 GDPR, please proceed.", "erasure"),
    ],
)
def test_article_with_its_law_is_enough(text: str, intent: str) -> None:
    assert clear(text) == {intent}


@pytest.mark.parametrize(
    "text",
    ["See article 15 of our contract.", "I know my rights under Articles 15, 16, 17, 18, 20 and 21 GDPR.", "§ 17 BGB"],
)
def test_bare_and_listed_articles_are_not(text: str) -> None:
    assert clear(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "ＰＬＥＡＳＥ ＥＲＡＳＥ ＭＹ ＤＡＴＡ",
        "Please era\u00adse my da\u200bta",
        "Bitte loeschen Sie meine Daten",
        "Veuillez effacer mes donnees",
        "Prosim smazte moje udaje",
        "Παρακαλω διαγραψτε τα δεδομενα μου",
        "請求します：個人ﾃﾞｰﾀを消去してください",
    ],
)
def test_width_case_and_accents_are_no_way_round(text: str) -> None:
    assert clear(text) == {"erasure"}


def test_deadline_and_threat_make_no_reminder_and_no_complaint() -> None:
    text = "Please give me access to my data within a month. If I get no answer, I will remind you and then complain."
    reading = read_intents("Access", text)
    assert {intent.type for intent in reading.clear} == {IntentType.ACCESS}
    assert not reading.reminder


def test_reminder_leads_and_what_it_reminds_of_stays_below() -> None:
    reading = read_intents("Reminder", "I asked you on 3 May to delete my data and have had no answer.")
    assert reading.reminder
    assert reading.intents[0].type is IntentType.REMINDER
    assert {intent.type for intent in reading.clear} == {IntentType.REMINDER}


def test_what_is_new_in_a_reminder_counts() -> None:
    text = "I asked you on 3 May for a copy of my data and have had no answer. I now also want you to delete my data."
    assert clear(text) == {"reminder", "erasure"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("请删除我的个人信息。", "zh"),
        ("내 개인정보를 삭제해 주세요.", "ko"),
        ("Пожалуйста, удалите мои данные, это важно.", "ru"),
        ("احذف بياناتي", "ar"),
        ("個人情報の開示", "ja"),
        ("12345", "und"),
        ("", "und"),
        ("Bitte um Auskunft", "de"),
        ("Prosím o výmaz mých údajů", "cs"),
    ],
)
def test_language_by_script_and_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_every_list_can_be_read_and_knows_the_same_concepts() -> None:
    concepts = {}
    for language in languages():
        table = word_table(language)
        entries = [entry for by in (table.exact, table.stems, table.endings) for some in by.values() for entry in some]
        concepts[language] = {entry.concept for entry in entries}
    english = concepts["en"]
    assert {language: english ^ known for language, known in concepts.items() if language != "en"} == {
        language: set() for language in concepts if language != "en"
    }


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "(",
        '"',
        "\n",
        "> ",
        "- ",
        "not ",
        "re: ",
        "1.",
        "art. ",
        "Art. 15, 16, ",
        "please delete my data ",
        "send me a copy of all the personal data you hold about me, not ",
        "bitte geben Sie meine Daten nicht weiter an ",
        "個人情報を削除してください",
        "私の個人情報を開示して。",
        "第三十三条第五項",
    ],
)
def test_no_text_makes_it_slow(text: str) -> None:
    whole = (text * (LONGEST // len(text) + 1))[:LONGEST]
    read_intents("", "warm")
    for language in languages():
        word_table(language)
    started = time.process_time()
    read_intents(whole, whole)
    assert time.process_time() - started < 5, "it hangs"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_anything_is_read(subject: str, text: str) -> None:
    reading = read_intents(subject, text)
    assert reading == read_intents(subject, text)
    assert all(0 <= intent.score <= 1 for intent in reading.intents)


@pytest.mark.parametrize(
    "text",
    [
        "Please erase my personal data. I remind you that you have one month to answer.",
        "Je demande l'effacement de mes données personnelles. Je vous rappelle que vous disposez d'un délai d'un mois.",
        "Ich verlange die Löschung meiner Daten. Ich erinnere Sie daran, dass Sie einen Monat Zeit haben.",
        "Solicito la supresión de mis datos. Les recuerdo que disponen de un mes.",
    ],
)
def test_a_law_that_is_called_to_mind_makes_no_reminder(text: str) -> None:
    assert clear(text) == {"erasure"}
    assert not read_intents("", text).reminder
