"""What looks like a request and is none: taken back, an example, somebody else's, only possible, or on a condition."""

import pytest

from rightsdesk.domain.intents import THRESHOLD, IntentType
from rightsdesk.mail.intents import read_intents

NO_RIGHT = {"question", "complaint"}


def clear(text: str, subject: str = "") -> set[str]:
    return {str(intent.type) for intent in read_intents(subject, text).clear}


@pytest.mark.parametrize(
    "text",
    [
        "I would like to withdraw my earlier request for a copy of my data.",
        "Please stop the deletion of my account, I need it. I withdraw my erasure request.",
        "On Monday I requested erasure of all my data. Please disregard that; I take back my request.",
        "Hiermit ziehe ich meinen Antrag auf Löschung aller meiner Daten zurück.",
        "Bitte stornieren Sie meinen Löschantrag.",
        "Veuillez annuler ma demande de suppression de mes données.",
        "Por favor, cancelen mi solicitud de borrado de mis datos.",
        "Vi prego di annullare la mia richiesta di cancellazione dei miei dati.",
        "Ik wil mijn verzoek om verwijdering van mijn gegevens intrekken.",
        "Peço que cancelem o meu pedido de eliminação de dados pessoais.",
        "Jag återkallar min begäran om radering av mina personuppgifter.",
        "Zrušte prosím mou žádost o výmaz osobních údajů.",
        "Παρακαλώ ακυρώστε το αίτημά μου για διαγραφή των δεδομένων μου.",
        "Molim otkažite moj zahtjev za brisanje osobnih podataka.",
        "Vă rog să anulați cererea mea de ștergere a datelor personale.",
        "Proszę anulować mój wniosek o usunięcie moich danych osobowych.",
        "個人情報の削除依頼を撤回いたします。",
        "先週お願いした退会と個人情報の消去ですが、請求を取り下げます。",
    ],
)
def test_request_that_is_taken_back_is_none(text: str) -> None:
    assert clear(text) == set()


def test_what_is_wanted_instead_is_read() -> None:
    text = "I withdraw my deletion request of 3 May. Please send me a copy of my personal data instead."
    assert clear(text) == {"access"}


@pytest.mark.parametrize(
    "text",
    [
        "A customer might write: I object to the processing of my data for marketing.",
        "Here is a sample letter for your readers:\n\nPlease erase all personal data about me.\n\nI also want a copy.",
        "Musterbrief:\n\nHiermit verlange ich die Löschung aller meiner personenbezogenen Daten nach Art. 17 DSGVO.",
        "Voici un modèle de lettre :\n\nVeuillez effacer toutes mes données personnelles.",
        "Un ejemplo de solicitud:\n\nSolicito que borren todos mis datos personales.",
        "Ecco un esempio di richiesta:\n\nVi chiedo di cancellare tutti i miei dati personali.",
        "Hier een voorbeeldbrief:\n\nIk wil dat jullie al mijn persoonsgegevens verwijderen.",
        "請求書の記載例を作りました。\n\n私の個人情報をすべて削除してください。",
    ],
)
def test_example_asks_for_nothing(text: str) -> None:
    assert clear(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Please send me a copy of the personal data you store about my colleague.",
        "Send me all the personal data that you process about Maria Lopez.",
        "I demand access to my husband's personal data under Art. 15 GDPR.",
        "We represent Ms Ford. Please restrict the processing of her personal data.",
        "Please correct the address of my wife in your records.",
        "Ich bitte um eine Kopie aller Daten, die Sie über meine Nachbarin gespeichert haben.",
        "Bitte geben Sie mir Auskunft über alle personenbezogenen Daten von Herrn Meier.",
        "Envoyez-moi une copie des données personnelles de ma collègue.",
        "Envíenme una copia de todos los datos personales que tienen sobre mi marido.",
        "Mandatemi una copia di tutti i dati personali che avete su mia moglie.",
        "Stuur mij een kopie van alle persoonsgegevens die jullie over mijn collega hebben.",
        "Enviem-me uma cópia de todos os dados pessoais que têm sobre a minha esposa.",
        "Skicka mig en kopia av alla personuppgifter ni har om min fru.",
        "Pošlete mi kopii všech osobních údajů, které máte o mé manželce.",
        "Στείλτε μου αντίγραφο όλων των προσωπικών δεδομένων του συζύγου μου.",
        "Pošaljite mi kopiju svih osobnih podataka koje imate o mojoj ženi.",
        "Trimiteți-mi o copie a datelor personale ale vecinului meu.",
        "Przyślijcie mi kopię danych osobowych mojej żony.",
        "友人に関して御社が保有する個人情報を開示してください。",
        "顧客の佐々木様に関する個人データの写しを送付してください。",
        "夫の個人情報の開示を請求します。",
    ],
)
def test_data_of_others_are_for_a_person_to_look_at(text: str) -> None:
    assert clear(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "I heard that anyone can get a copy of the data a shop has about them. I read that customers can ask.",
        "My lawyer says I could request a copy of my data.",
        "My neighbour told me that I can ask for a copy of my data.",
        "I am writing a thesis: how do you handle a request such as 'send me a copy of all personal data'?",
        "How do you handle a request like 'delete all my data'?",
        "Mein Anwalt sagt, ich könnte eine Kopie meiner Daten verlangen.",
        "Mon avocat dit que je pourrais demander une copie de mes données personnelles.",
        "Mi abogado dice que podría solicitar una copia de mis datos personales.",
        "O meu advogado diz que poderia pedir uma cópia dos meus dados pessoais.",
        "Il mio avvocato dice che potrei chiedere una copia dei miei dati personali.",
        "Min advokat säger att jag kan begära en kopia av mina personuppgifter.",
        "How do I make a subject access request?",
        "What is the procedure for requesting a copy of my personal data?",
        "Is it possible to have my personal data deleted?",
        "Ist es möglich, eine Kopie meiner personenbezogenen Daten zu bekommen?",
        "Wie stelle ich einen Antrag auf Auskunft nach Art. 15 DSGVO?",
        "Quelle est la procédure pour obtenir une copie de mes données personnelles ?",
        "¿Dónde puedo pedir una copia de mis datos personales?",
        "Dove posso chiedere una copia dei miei dati personali?",
        "Waar kan ik een kopie van mijn persoonsgegevens aanvragen?",
        "Onde posso pedir uma cópia dos meus dados pessoais?",
        "Var kan jag begära ett registerutdrag över mina personuppgifter?",
        "Kde mohu požádat o kopii svých osobních údajů?",
        "Πού μπορώ να ζητήσω αντίγραφο των δεδομένων μου;",
        "Gdje mogu zatražiti kopiju svojih osobnih podataka?",
        "Unde pot cere o copie a datelor mele personale?",
        "Gdzie mogę złożyć wniosek o kopię moich danych osobowych?",
        "個人情報の開示請求はどうすればできますか。",
        "開示の手続きを教えてください。個人情報の件です。",
    ],
)
def test_asking_whether_and_how_is_at_most_a_question(text: str) -> None:
    assert clear(text) <= NO_RIGHT


@pytest.mark.parametrize(
    "text",
    [
        "If I don't get my parcel this week, I'll request all the data you have about me.",
        "Wenn ihr nicht liefert, werde ich die Löschung meiner Daten und eine Kopie aller meiner Daten verlangen.",
        "Si je ne reçois pas mon colis, je demanderai l'accès à toutes mes données personnelles.",
        "Si no recibo el paquete, solicitaré una copia de mis datos personales.",
        "Se não receber a encomenda, vou pedir uma cópia de todos os meus dados pessoais.",
        "Pokud nevrátíte peníze, požádám o kopii svých osobních údajů.",
        "対応していただけない場合、個人情報の開示を求めます。",
    ],
)
def test_what_will_be_asked_on_a_condition_is_not_asked(text: str) -> None:
    assert clear(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "If you hold any data about me, please send me a copy.",
        "Please send me a copy of my personal data, if possible by e-mail.",
        "My colleague said you answer quickly. Please send me a copy of my personal data.",
        "Falls Sie Daten über mich gespeichert haben, senden Sie mir bitte eine Kopie.",
        "Si vous détenez des données sur moi, merci de m'en envoyer une copie de mes données.",
        "私に関する個人情報を保有している場合は、すべて開示してください。",
    ],
)
def test_condition_that_is_none(text: str) -> None:
    assert clear(text) == {"access"}


@pytest.mark.parametrize(
    "text",
    [
        "Delete my data. Now.",
        "just delete my account!!",
        "Lösch meine Daten!!!",
        "Löscht sofort meine Daten.",
        "Supprimez mes données. Tout de suite.",
        "Borra mis datos ya.",
        "Cancella subito i miei dati!",
        "Verwijder direct mijn gegevens!",
        "Apaguem os meus dados!",
        "Radera mina uppgifter NU!",
        "Smaž moje údaje!",
        "Διέγραψε τα δεδομένα μου!",
        "Obriši moje podatke!",
        "Șterge-mi datele!",
        "Usuń moje dane!",
        "俺のデータ全部消せ。",
        "個人情報を消去しろ",
        "会員情報を削除せよ。",
        "私の個人情報、今すぐ消してよ",
    ],
)
def test_rude_command_is_a_command(text: str) -> None:
    assert clear(text) == {"erasure"}


@pytest.mark.parametrize("text", ["個人情報は消せますか。", "データを消せるなら知りたい", "個人情報を消せないのですか"])
def test_can_it_be_erased_is_no_command(text: str) -> None:
    assert "erasure" not in clear(text)


@pytest.mark.parametrize(
    "text",
    [
        "Please delete my data from your marketing list.",
        "Delete my e-mail address from your newsletter list.",
        "Bitte löschen Sie meine Adresse aus Ihrem Verteiler.",
        "Merci de supprimer mon adresse de votre liste de diffusion.",
        "Por favor, borren mi correo electrónico de su lista de correo.",
        "配信リストから私の情報を削除してください。",
    ],
)
def test_deletion_from_a_list_of_addresses_is_no_erasure(text: str) -> None:
    assert clear(text) <= {"consent_withdrawal", "objection"}
    assert clear(text)


def test_deletion_of_all_and_from_the_list_is_both() -> None:
    text = "Please delete my account and all my personal data, and take me off your mailing list."
    assert clear(text) == {"erasure", "consent_withdrawal"}


@pytest.mark.parametrize(
    "text",
    [
        "Leave me alone, no more emails.",
        "I don't want any more emails from you.",
        "Hört auf, mir Mails zu schicken!",
        "Arrêtez de m'envoyer des mails !",
        "No quiero más correos.",
        "Lasciatemi in pace.",
        "Laat me met rust!",
        "Deixem-me em paz.",
        "Lämna mig i fred!",
        "Nechte mě na pokoji!",
        "Αφήστε με ήσυχο!",
        "Ostavite me na miru!",
        "Lăsați-mă în pace!",
        "Dajcie mi spokój!",
        "もう連絡してこないで。",
    ],
)
def test_to_be_left_alone_is_an_objection(text: str) -> None:
    assert clear(text) == {"objection"}


def test_what_is_held_about_me_is_no_access_where_it_is_to_be_deleted() -> None:
    text = "Please delete all personal data that you hold about me. Article 17 GDPR."
    scores = {intent.type: intent.score for intent in read_intents("Delete", text).intents}
    assert scores[IntentType.ERASURE] >= THRESHOLD
    assert scores.get(IntentType.ACCESS, 0) < 0.3


@pytest.mark.parametrize(
    "text",
    [
        "Since I withdraw my consent, please delete all my personal data.",
        "Weil ich meine Einwilligung widerrufe, bitte ich Sie, meine personenbezogenen Daten zu löschen.",
        "同意を撤回いたしますので、私の個人情報を削除してください。",
    ],
)
def test_reason_is_no_second_request(text: str) -> None:
    assert clear(text) == {"erasure"}


def test_two_requests_without_a_reason_stay_two() -> None:
    assert clear("I withdraw my consent and ask you to delete my data.") == {"erasure", "consent_withdrawal"}


@pytest.mark.parametrize(
    "text",
    [
        "I would like a copy of my personal data and then the deletion of all of it.",
        "Erst will ich eine Kopie meiner Daten, danach löschen Sie bitte alles, was Sie über mich gespeichert haben.",
        "Vorrei una copia dei miei dati personali e poi la cancellazione di tutti i miei dati.",
        "Molim kopiju svojih osobnih podataka, a zatim obrišite sve moje osobne podatke.",
    ],
)
def test_copy_before_the_deletion_is_not_lost(text: str) -> None:
    assert clear(text) == {"access", "erasure"}


@pytest.mark.parametrize(
    "text", ["Please delete all copies of my data.", "Please delete my data and every copy of it."]
)
def test_copies_that_are_to_be_deleted_are_no_access(text: str) -> None:
    assert clear(text) == {"erasure"}


def test_what_somebody_said_could_be_asked_is_not_even_a_question() -> None:
    assert clear("My lawyer says I could request a copy of my data.") == set()


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("I withdraw my consent and request that you erase all my personal data.", {"consent_withdrawal", "erasure"}),
        ("I withdraw my consent and demand deletion of my data.", {"consent_withdrawal", "erasure"}),
        ("Je retire mon consentement et demande la suppression de mes données.", {"consent_withdrawal", "erasure"}),
        ("I withdraw my request that you erase all my personal data.", set()),
        ("If I withdraw my consent and request that you erase my data, what happens?", set()),
        ("You can withdraw your consent and request erasure of your data.", {"consent_withdrawal"}),
    ],
)
def test_what_goes_on_after_consent_is_withdrawn_is_asked_for(text: str, asked: set[str]) -> None:
    assert clear(text) - NO_RIGHT == asked


@pytest.mark.parametrize(
    "text",
    [
        "My lawyer says I could request a copy of my data, so please send it to me.",
        "My lawyer says I could request a copy of my data. Please send it to me.",
        "My lawyer told me I can request what you hold about me. Please send me a copy of my personal data.",
    ],
)
def test_what_is_said_to_be_possible_and_wanted_is_asked_for(text: str) -> None:
    assert clear(text) == {"access"}


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("さっさと退会させて個人情報も消しやがれ", {"erasure"}),
        ("個人情報を削除しやがれ", {"erasure"}),
        ("俺の個人情報を開示しやがれ", {"access"}),
    ],
)
def test_a_rude_request_is_one(text: str, asked: set[str]) -> None:
    assert clear(text) == asked
