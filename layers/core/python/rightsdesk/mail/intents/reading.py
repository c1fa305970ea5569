"""`read_intents`: what a mail asks for, how sure that is, and why. No model, no network; equal words, equal reading.

The subject and the new text are cut to a bounded length and taken apart into sentences; each sentence is looked up in
the word lists of the languages that the mail may be in. Rules over what was found give evidence; `scoring` makes scores
of it.
"""

from dataclasses import replace

from rightsdesk.domain.intents import ABOUT, THRESHOLD, IntentReading, IntentType
from rightsdesk.mail.intents.articles import articles_in, names_appi, names_gdpr
from rightsdesk.mail.intents.doubts import doubted, is_for_another
from rightsdesk.mail.intents.evidence import Evidence, evidence_in, search
from rightsdesk.mail.intents.languages import language_of, plausible_languages
from rightsdesk.mail.intents.reminders import reminder_in
from rightsdesk.mail.intents.scoring import scored
from rightsdesk.mail.intents.sentences import LONGEST_TEXT, Sentence, sentences_of
from rightsdesk.mail.intents.words import Found, word_table

_OFFERS = 2  # a person may speak of "your website"; who sells says several such things
_ERASURE_ASKED, _ERASURE_NAMED = 0.64, 0.5
_LIKELIEST = 2
_MANY_RIGHTS = 3
_TOLD = frozenset({IntentType.ACCESS, IntentType.INFORMATION, IntentType.PURPOSE_NOTICE, IntentType.QUESTION})
_NO_RIGHTS = frozenset({IntentType.QUESTION, IntentType.COMPLAINT, IntentType.REMINDER})


def read_intents(subject: str, new_text: str) -> IntentReading:
    """What the mail asks for. `new_text` is what the sender wrote now, without the history below it."""
    text = new_text[:LONGEST_TEXT]
    whole = f"{subject}\n{text}"
    sentences = sentences_of(subject, text)
    tables = {language: word_table(language) for language in plausible_languages(whole)}
    found = {language: search(sentences, table) for language, table in tables.items()}
    said = _said(sentences, found)
    if len(said) < len(sentences):
        sentences = [sentences[at] for at in said]
        found = {language: [each[at] for at in said] for language, each in found.items()}
    evidence = [
        *_by_words(
            {name: list(evidence_in(sentences, found[name], table.not_after)) for name, table in tables.items()}
        ),
        *_articles(sentences, found),
    ]
    likeliest = dict(list(found.items())[:_LIKELIEST])  # others know some of the words, and not what speaks against
    evidence = doubted(_without_lists(evidence), sentences, likeliest)
    about_rights = {each.sentence for each in evidence if each.weight >= THRESHOLD and each.intent not in _NO_RIGHTS}
    reminder = reminder_in(likeliest, [each.text for each in sentences], about_rights)
    intents = scored(evidence, reminder=reminder, from_a_person=not _is_from_a_machine(found))
    return IntentReading(
        intents=tuple(intents),
        about=_about(evidence, found),
        language=language_of(text if text.strip() else subject),
        reminder=any(each.type is IntentType.REMINDER and each.score >= THRESHOLD for each in intents),
        for_another=is_for_another(evidence),
    )


def _about(evidence: list[Evidence], found: dict[str, list[Found]]) -> frozenset[str]:
    """What the sentences speak of that carry the evidence."""
    speaking = {each.sentence for each in evidence if each.weight >= THRESHOLD and not each.doubts}
    return frozenset(
        concept for sentences in found.values() for at in speaking for concept in ABOUT & sentences[at].hits.keys()
    )


def _said(sentences: list[Sentence], found: dict[str, list[Found]]) -> list[int]:
    """The sentences that are the sender's own: not a disclaimer, from where it begins to the end of its paragraph."""
    kept, passed = [], -1
    for at, sentence in enumerate(sentences):
        if any("disclaimer" in each[at].hits for each in found.values()):
            passed = sentence.paragraph
        if sentence.paragraph != passed:
            kept.append(at)
    return kept


def _by_words(by_language: dict[str, list[Evidence]]) -> list[Evidence]:
    """The likeliest language speaks alone: others know some of its words, and not its negations.

    For a whole sentence, where it has strong evidence there; else for one intent in it.
    """
    order = {language: place for place, language in enumerate(by_language)}
    owners: dict[int, str] = {}
    speakers: dict[tuple[int, IntentType], str] = {}
    for language, evidence in by_language.items():
        for each in evidence:
            speakers.setdefault((each.sentence, each.intent), language)
            if each.weight >= THRESHOLD:
                owners.setdefault(each.sentence, language)
    return [
        each
        for language, evidence in by_language.items()
        for each in evidence
        if language == speakers[each.sentence, each.intent]
        and order[language] <= order[owners.get(each.sentence, language)]
    ]


def _without_lists(evidence: list[Evidence]) -> list[Evidence]:
    """Many rights in one sentence are what the law lists, and beside access what is asked to be told of."""
    named: dict[int, set[IntentType]] = {}
    for each in evidence:
        if each.weight:
            named.setdefault(each.sentence, set()).add(each.intent)
    access = any(each.intent is IntentType.ACCESS and each.weight >= THRESHOLD for each in evidence)
    listed = {at for at, intents in named.items() if access and len(intents - _TOLD) >= _MANY_RIGHTS}
    return [
        replace(each, doubts=(*each.doubts, "one of a list"))
        if each.sentence in listed and each.intent not in _TOLD
        else each
        for each in evidence
    ]


def _is_from_a_machine(found: dict[str, list[Found]]) -> bool:
    """Whether the words are those of a ticket system's acknowledgement, or of somebody with something to sell."""
    for sentences in found.values():
        offers = {hit.text for each in sentences for hit in each.hits.get("offer", ())}
        if len(offers) >= _OFFERS or any("ack" in each.hits for each in sentences):
            return True
    return False


def _first_that_knows(found: dict[str, list[Found]], at: int) -> set[str]:
    """What the likeliest language that knows a word of the sentence finds in it."""
    return next((set(each[at].hits) for each in found.values() if each[at].hits), set())


def _articles(sentences: list[Sentence], found: dict[str, list[Found]]) -> list[Evidence]:
    whole = " ".join(each.text for each in sentences)
    gdpr, appi = names_gdpr(whole), names_appi(whole)
    evidence = []
    for at, sentence in enumerate(sentences):
        concepts = {concept for each in found.values() for concept in each[at].hits}
        asked = bool({"please", "exercise", "give"} & concepts)
        for article in articles_in(sentence.text, mail_names_gdpr=gdpr, mail_names_appi=appi):
            doubts = ["asked before"] if "asked" in concepts else []
            doubts += ["subject of an answer"] if sentence.reply else []
            plain = article.intent is IntentType.ERASURE
            doubts += ["question"] if plain and ("howto" in concepts or (sentence.asks and not asked)) else []
            doubts += ["condition"] if plain and "if" in _first_that_knows(found, at) else []
            # Erasure by its article alone: only where the law is named and the sentence asks for something.
            weight = _ERASURE_ASKED if plain and asked and article.weight >= _ERASURE_NAMED else article.weight
            rule = f"{article.intent}:article"
            evidence.append(Evidence(article.intent, weight, rule, article.name, at, tuple(doubts), own=True))
    return evidence
