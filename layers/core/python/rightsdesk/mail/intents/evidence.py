"""What speaks for an intent in one sentence, and what speaks against taking it at its word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rightsdesk.domain.intents import IntentType
from rightsdesk.mail.intents.rules import CHANGES, DONE_BY_SAYING, MENTIONED, NAMED, PLAIN_ONLY, RULES, Rule
from rightsdesk.mail.intents.sentences import Sentence
from rightsdesk.mail.intents.words import Found, Hit, WordTable

_NAME = "name."
_BEFORE = 2  # words between a negation and the verb that it stands before
_BESIDE_LIST = 1  # words between what is deleted and the list that it is deleted from
_ON_A_LIST = ("data", "info", "item", "account", "everything")
_NEAR = 4  # words between "information" and "about me"
_NEGATIONS = frozenset({"not", "stop"})  # "nothing" beside them makes no yes: "neposílejte žádné katalogy"
_WIDE_BEFORE, _WIDE_AFTER = 2, 1

# A question about these is the request: "what do you hold about me?"
_ASKED_BY_QUESTION = frozenset(
    {
        *(IntentType.ACCESS, IntentType.INFORMATION, IntentType.PURPOSE_NOTICE, IntentType.PROVISION_RECORDS),
        *(IntentType.QUESTION, IntentType.COMPLAINT, IntentType.AUTOMATED_DECISION),
    }
)

# "The existence of the right to ..." is part of what is asked to be told.
_ANSWERED_BY_A_COPY = frozenset({IntentType.ACCESS, IntentType.INFORMATION, IntentType.PURPOSE_NOTICE})
# A "disclosure" of these is not one of the data.
_MORE_EXACT = {IntentType.ACCESS: frozenset({"name.provision_records", "name.purpose_notice"})}


@dataclass(frozen=True)
class Evidence:
    """One reason. `rule` names what gave it, so that it counts once; `doubts` say why it may not be meant."""

    intent: IntentType
    weight: float
    rule: str
    why: str
    sentence: int
    doubts: tuple[str, ...] = ()
    secondary: bool = False
    own: bool = False  # the right's own name or article
    negated: bool = False  # said not to be wanted
    new: bool = False  # said to be wanted besides


def search(sentences: Sequence[Sentence], table: WordTable) -> list[Found]:
    """Every sentence looked up in one language, with what two concepts together amount to."""
    return [_with_compounds(table.find(each.text), each) for each in sentences]


def evidence_in(sentences: Sequence[Sentence], found: Sequence[Found], not_after: int) -> Iterator[Evidence]:
    """All evidence that one language's words give."""
    in_mail = {concept for each in found for concept in each.hits}
    for at, (sentence, here) in enumerate(zip(sentences, found, strict=True)):
        if not here.hits:
            continue
        around = [
            *found[max(0, at - _WIDE_BEFORE) : at],
            *found[at + 1 : at + 1 + _WIDE_AFTER],
        ]
        for rule in RULES:
            if rule.needs[0].isdisjoint(here.hits):
                continue
            yield from _by_rule(rule, at, sentence, here, around, in_mail, not_after)
        yield from _by_name(at, sentence, here, not_after)


def _by_rule(
    rule: Rule, at: int, sentence: Sentence, here: Found, around: list[Found], in_mail: set[str], not_after: int
) -> Iterator[Evidence]:
    hits = here.hits
    if not rule.unless_mail.isdisjoint(in_mail):
        return
    best: tuple[str, ...] | None = None
    found = Hit(0, 0, "")
    refused, negated = "", False
    for head in sorted(hit for concept in rule.needs[0] for hit in hits.get(concept, ())):
        said = _companions(rule, head, here, around)
        if said is None or (rule.first and _comes_after_a_change(rule, head, here, not_after)):
            continue
        if rival := _rival(rule, head, here):
            refused = f"{head.text} + {rival.text}"
        elif not (rule.needs[0] & _NEGATIONS) and (negation := _negation(head, here, not_after)):
            refused, negated = f"{negation.text} + {head.text}", True
        else:
            best, found = (head.text, *said), head
            break
    clash = sorted(rule.unless & hits.keys())
    if best is not None and not clash:
        why = f"{here.language}: {' + '.join(dict.fromkeys(best))}"
        doubts = _doubts(rule.intent, rule.plain, sentence, here, found)
        name = f"{rule.intent}:{'+'.join('|'.join(sorted(group)) for group in rule.needs)}"
        new = "also" in hits
        yield Evidence(rule.intent, rule.weight, name, why, at, doubts, secondary=rule.secondary, new=new)
    if refused:
        yield Evidence(rule.intent, 0, f"{rule.intent}:refused", f"negative: {refused}", at, negated=negated)


def _by_name(at: int, sentence: Sentence, here: Found, not_after: int) -> Iterator[Evidence]:
    for concept, hits in here.hits.items():
        if not concept.startswith(_NAME):
            continue
        intent = IntentType(concept.removeprefix(_NAME))
        hit = hits[0]
        if negation := _negation(hit, here, not_after):
            why = f"negative: {negation.text} + {hit.text}"
            yield Evidence(intent, 0, f"{intent}:refused", why, at, own=True, negated=True)
            continue
        asked = {"please", "exercise", "give", "?"} & here.hits.keys()
        doubts = _doubts(intent, intent in PLAIN_ONLY, sentence, here, hit)
        asked |= {"said"} if intent in DONE_BY_SAYING and not sentence.asks else set()
        weight = NAMED if asked and not (_MORE_EXACT.get(intent, frozenset()) & here.hits.keys()) else MENTIONED
        why, new = f"{here.language}: {hit.text}", "also" in here.hits
        yield Evidence(intent, weight, f"{intent}:name", why, at, doubts, own=True, new=new)


def _companions(rule: Rule, head: Hit, here: Found, around: list[Found]) -> list[str] | None:
    said = []
    for group in rule.needs[1:]:
        near = [hit for concept in group for hit in here.hits.get(concept, ()) if not _same(hit, head)]
        near = [hit for hit in near if _apart(hit, head) <= rule.reach * here.reach]
        if rule.clause:
            near = [hit for hit in near if not here.broken(min(hit.end, head.end), max(hit.start, head.start))]
        if near:
            said.append(min(near, key=lambda hit: _apart(hit, head)).text)
        elif rule.wide and (far := [hit for each in around for concept in group for hit in each.hits.get(concept, ())]):
            said.append(far[0].text)
        else:
            return None
    return [each for each in said if each]


def _rival(rule: Rule, head: Hit, here: Found) -> Hit | None:
    """What the head is about instead. Behind a comma it is about something else."""
    rivals = [hit for concept in rule.rivals for hit in here.hits.get(concept, ()) if not _same(hit, head)]
    objects = [hit for group in rule.needs[1:] for concept in group for hit in here.hits.get(concept, ()) if hit.text]
    if not rivals or not objects:
        return None

    def distance(hit: Hit) -> tuple[int, int]:
        first, last = (head, hit) if head.end <= hit.start else (hit, head)
        return (_apart(hit, head) + 3 * here.broken(first.end, last.start), -hit.end + hit.start)

    rival, meant = min(rivals, key=distance), min(objects, key=distance)
    return rival if distance(rival)[0] < distance(meant)[0] else None


def _comes_after_a_change(rule: Rule, head: Hit, here: Found, not_after: int) -> bool:
    """Whether the data are to be changed first: "delete what you hold about me, and tell me" asks for no copy."""
    objects = [hit for group in rule.needs[1:] for concept in group for hit in here.hits.get(concept, ()) if hit.text]
    nearest = min(objects, key=lambda hit: _apart(hit, head), default=head)
    last = max(head.start, nearest.start)
    changes = [hit for concept in CHANGES for hit in here.hits.get(concept, ()) if hit.start < last]
    return any(not _negation(hit, here, not_after) for hit in changes)


def _negation(head: Hit, here: Found, not_after: int) -> Hit | None:
    for hit in here.hits.get("not", ()):
        if (
            hit.end <= head.start
            and head.start - hit.end <= _BEFORE * here.reach
            and not here.broken(hit.end, head.start)
        ):
            return hit
        if (
            head.start <= hit.start <= head.end + not_after
            and hit.end > head.end
            and not here.broken(head.end, hit.start)
        ):
            return hit
    return None


def _wish(head: Hit, here: Found) -> str:
    """Why the head may not be asked for; empty where it is, by a word of asking that is not negated or as a command."""
    ands = here.hits.get("and", [])
    if here.reach == 1:  # a language with blanks: a command begins its clause, or goes on with another command
        if not head.start or here.broken(head.start - 1, head.start) or any(each.end == head.start for each in ands):
            return ""
        orders = here.hits.get("give", [])
        if any(order.end <= each.start and each.end <= head.start for order in orders for each in ands):
            return ""
    wishes = sorted([*here.hits.get("please", ()), *here.hits.get("exercise", ())])
    if not wishes:
        return "not asked for"
    earlier = [wish for wish in wishes if wish.start < head.start]
    nearest = earlier[-1] if earlier else wishes[0]
    refused = any(_refuses(refusal, nearest, head, here) for refusal in here.hits.get("not", ()))
    if refused or any(_overlap(stop, nearest) for stop in here.hits.get("stop", ())):
        return "not wished"
    return ""


def _refuses(refusal: Hit, wish: Hit, head: Hit, here: Found) -> bool:
    """Whether the wish is negated: "I do not want that you ..."; a negation behind the head belongs to a wish there."""
    first, last = sorted((refusal, wish))
    near = 2 if here.reach == 1 else 0
    beside = _apart(refusal, wish) <= near and not here.broken(first.end, last.start)
    return (_overlap(refusal, wish) or beside) and (refusal.start < head.start or wish.start >= head.end)


def _doubts(intent: IntentType, plain: bool, sentence: Sentence, here: Found, head: Hit) -> tuple[str, ...]:
    hits = here.hits
    wished = "please" in hits or "exercise" in hits
    doubts = []
    if "asked" in hits:
        doubts.append("asked before")
    if intent not in _ASKED_BY_QUESTION and ("howto" in hits or (plain and sentence.asks and not wished)):
        doubts.append("question")
    if "if" in hits and (plain or intent is IntentType.COMPLAINT):
        doubts.append("condition")
    if "mention" in hits and intent not in _ANSWERED_BY_A_COPY:
        doubts.append("only mentioned")
    if plain and (why := _wish(head, here)):
        doubts.append(why)
    if plain and "keep" in hits:
        doubts.append("to be kept")
    if plain and "others" in hits:
        doubts.append("about somebody else")
    if sentence.reply:
        doubts.append("subject of an answer")
    return tuple(doubts)


def _with_compounds(found: Found, sentence: Sentence) -> Found:
    hits = found.hits
    near = _NEAR * found.reach
    about_me, mine = hits.get("about_me", []), [*hits.get("mine", []), *hits.get("about_me", [])]
    data = list(hits.get("data", []))
    for info in hits.get("info", []):
        partner = _nearest(info, mine, near) or (_nearest(info, hits.get("hold", []), near) if mine else None)
        if partner:
            data.append(_joined(info, partner))
    listed = [
        hit
        for name in _ON_A_LIST
        for hit in hits.get(name, [])
        if _stands_on_a_list(hit, hits, _BESIDE_LIST * found.reach)
    ]
    if listed:  # "delete my address from your mailing list" is about the list
        hits = {name: [hit for hit in each if hit not in listed] for name, each in hits.items()}
        hits["newsletter"] = [*hits.get("newsletter", []), *listed]
        data = [hit for hit in data if not any(_overlap(hit, other) for other in listed)]
    held = [
        _joined(_joined(thing, holding), me)
        for thing in [*hits.get("what", []), *hits.get("everything", []), *hits.get("info", []), *data]
        if (holding := _nearest(thing, hits.get("hold", []), 2 * near))
        and (me := _nearest(holding, about_me, 2 * near) or _nearest(thing, about_me, 2 * near))
    ]
    everything = [*hits.get("everything", []), *hits.get("what", [])]
    if hits.keys() & {"third", "whom"}:  # a list of those who received data is no list of the data
        everything += hits.get("log", [])
    copies = [each for each in hits.get("copy", []) if not any(_overlap(each, other) for other in everything)]
    own = [each for each in data if _nearest(each, mine, near) or any(_overlap(each, me) for me in mine)]
    derived = {"data": data, "whatsheld": held, "mydata": own}
    hits = {name: each for name, each in hits.items() if name != "copy"} | ({"copy": copies} if copies else {})
    if "confirm" in hits and not hits.keys() & CHANGES:  # beside a change it is the change that is to be confirmed
        derived["give"] = [*hits.get("give", []), *hits["confirm"]]
    if mine:
        derived["mine"] = mine
    if sentence.asks:
        derived["?"] = [Hit(0, len(found.tokens), "")]
    if sentence.subject and not sentence.reply:
        derived["please"] = [*hits.get("please", []), Hit(0, 0, "")]
    return Found(
        found.language, found.tokens, hits | {name: each for name, each in derived.items() if each}, found.reach
    )


def _stands_on_a_list(hit: Hit, hits: dict[str, list[Hit]], most: int) -> bool:
    return any(_apart(hit, mailing) <= most for mailing in hits.get("mailing", []))


def _nearest(hit: Hit, others: Sequence[Hit], most: int) -> Hit | None:
    near = [other for other in others if _apart(hit, other) <= most]
    return min(near, key=lambda other: _apart(hit, other), default=None)


def _joined(one: Hit, other: Hit) -> Hit:
    if _overlap(one, other):
        return one
    first, second = sorted((one, other))
    return Hit(first.start, second.end, f"{first.text} {second.text}")


def _apart(one: Hit, other: Hit) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


def _overlap(one: Hit, other: Hit) -> bool:
    return one.start < other.end and other.start < one.end


def _same(one: Hit, other: Hit) -> bool:
    return one.start == other.start and one.end == other.end and bool(one.text)
