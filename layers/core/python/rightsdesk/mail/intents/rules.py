"""Which words together speak for which intent: one table for all languages, over the concepts of the word lists.

`needs` are groups of concepts that must all be in the sentence, each `a|b` for either; the first is the head: what is
negated, asked or wished is said of it. `unless` are concepts whose presence means something else. A `rival` nearer to
the head than what the rule needs is what the head is about: "delete my order" is not about data.
"""

from dataclasses import dataclass

from rightsdesk.domain.intents import IntentType


@dataclass(frozen=True)
class Rule:
    """`weight` is the evidence that it gives, between 0 and 1; `reach` how many words apart its concepts may stand."""

    intent: IntentType
    weight: float
    needs: tuple[frozenset[str], ...]
    unless: frozenset[str] = frozenset()
    rivals: frozenset[str] = frozenset()
    reach: int = 14
    plain: bool = False  # counts in full only where it is said plainly: no question, no condition, about oneself
    first: bool = (
        False  # what changes the data may be asked for only behind it: "tell me what you hold, then delete it"
    )
    clause: bool = False  # no comma may stand between the head and what it is about
    wide: bool = False  # the words after the head may stand in the two sentences before or in the next
    secondary: bool = False  # says nothing beside a right that is clear
    unless_mail: frozenset[str] = frozenset()  # the same as `unless`, anywhere in the mail


def _rule(intent: IntentType, weight: float, needs: str, **more: object) -> Rule:
    words = {
        name: frozenset(str(more.pop(name)).split()) for name in ("unless", "rivals", "unless_mail") if name in more
    }
    groups = tuple(frozenset(group.split("|")) for group in needs.split())
    return Rule(intent, weight, groups, **words, **more)  # type: ignore[arg-type]


_ASKED = "please|exercise"
_OTHER_THINGS = "shop message newsletter"
# Of these a person asks what is done with the data, and not for the data.
_ABOUT_PROCESSING = "how_use purpose retention legal_basis source recipients whom share"
# Of these a person wants the data changed, and not seen.
_CHANGES = "erase remove correct restrict object stop withdraw"
CHANGES = frozenset(_CHANGES.split())

RULES: tuple[Rule, ...] = (
    # a copy, or what is held (GDPR 15, APPI 33)
    _rule(IntentType.ACCESS, 0.82, "give copy data|whatsheld", rivals=_OTHER_THINGS, unless="machine other_provider"),
    _rule(
        IntentType.ACCESS,
        0.64,
        f"copy data|whatsheld {_ASKED}",
        rivals=_OTHER_THINGS,
        unless=f"machine other_provider {_CHANGES}",
    ),
    _rule(
        IntentType.ACCESS,
        0.68,
        "give data",
        rivals=f"{_OTHER_THINGS} item account",
        unless=f"machine other_provider log tracking done {_ABOUT_PROCESSING} wrong",
        first=True,
    ),
    _rule(
        IntentType.ACCESS,
        0.66,
        "give hold data|whatsheld",
        rivals=_OTHER_THINGS,
        unless=f"machine tracking done {_ABOUT_PROCESSING}",
        first=True,
    ),
    _rule(
        IntentType.ACCESS,
        0.72,
        "whatsheld give",
        unless="purpose machine source retention whom log wrong",
        first=True,
    ),
    _rule(
        IntentType.ACCESS,
        0.72,
        "whatsheld please|question|?",
        unless=f"purpose machine source retention whom log wrong {_CHANGES}",
    ),
    # "a copy of my data, and then their deletion"
    _rule(
        IntentType.ACCESS,
        0.64,
        f"copy data {_ASKED} erase and",
        rivals=_OTHER_THINGS,
        unless="machine other_provider remove correct restrict object stop withdraw",
        reach=12,
        first=True,
    ),
    # "delete my data, but send it to me before"
    _rule(IntentType.ACCESS, 0.64, "give copy erase data", wide=True, unless="erase newsletter", unless_mail="shop"),
    _rule(IntentType.ACCESS, 0.64, "hold about_me ?", unless=_ABOUT_PROCESSING, first=True),
    # erasure (GDPR 17, APPI 35)
    _rule(IntentType.ERASURE, 0.74, "erase data|whatsheld", rivals=f"{_OTHER_THINGS} tracking item", plain=True),
    _rule(IntentType.ERASURE, 0.68, "erase everything about_me", rivals=_OTHER_THINGS, plain=True, reach=6),
    _rule(IntentType.ERASURE, 0.68, "erase account", rivals=_OTHER_THINGS, plain=True, reach=8, clause=True),
    _rule(
        IntentType.ERASURE,
        0.64,
        "erase item hold|records|please",
        rivals=_OTHER_THINGS,
        plain=True,
        unless="shop message correct wrong moved mailing",
    ),
    _rule(
        IntentType.ERASURE,
        0.64,
        f"remove mydata {_ASKED}",
        rivals=_OTHER_THINGS,
        plain=True,
        unless="newsletter marketing shop",
    ),
    _rule(
        IntentType.ERASURE, 0.63, "erase everything data", plain=True, wide=True, rivals=_OTHER_THINGS, unless="shop"
    ),
    _rule(IntentType.ERASURE, 0.35, "close account", reach=6),
    _rule(IntentType.ERASURE, 0.4, "remove mydata|item|account", rivals=_OTHER_THINGS, unless="newsletter"),
    # rectification (GDPR 16, APPI 34)
    _rule(IntentType.RECTIFICATION, 0.72, "correct data", rivals=_OTHER_THINGS),
    _rule(IntentType.RECTIFICATION, 0.7, "correct item hold|account|records|wrong|data", unless="shop"),
    _rule(IntentType.RECTIFICATION, 0.66, "correct account|records wrong|item|moved", unless="shop"),
    _rule(IntentType.RECTIFICATION, 0.66, "wrong item|data hold|account|records|mine|data", unless="shop"),
    _rule(IntentType.RECTIFICATION, 0.64, "wrong item|data|records|account correct", wide=True, unless_mail="shop"),
    _rule(
        IntentType.RECTIFICATION,
        0.64,
        "correct moved|item account|records|hold|data|moved",
        wide=True,
        unless_mail="shop",
    ),
    _rule(IntentType.RECTIFICATION, 0.62, "correct item mine", reach=7, unless="shop", unless_mail="shop"),
    # restriction (GDPR 18; APPI 35: stop of use)
    _rule(
        IntentType.RESTRICTION,
        0.76,
        "restrict use|data",
        rivals="account shop",
        unless="whatsheld marketing profiling share",
        reach=9,
    ),
    _rule(IntentType.RESTRICTION, 0.7, "stop|not use|data until", unless="share third", reach=24),
    # objection (GDPR 21)
    _rule(
        IntentType.OBJECTION,
        0.76,
        "object use|data|marketing|profiling",
        rivals="shop",
        unless="share automated restrict",
    ),
    _rule(IntentType.OBJECTION, 0.7, "stop marketing", reach=10, unless="share"),
    _rule(IntentType.OBJECTION, 0.7, "stop|not use marketing|profiling", unless="share", reach=16),
    _rule(
        IntentType.OBJECTION, 0.64, "stop use data|profiling", reach=8, unless="until share third newsletter restrict"
    ),
    _rule(IntentType.OBJECTION, 0.64, "stop profiling", reach=8, unless="until share third"),
    _rule(IntentType.OBJECTION, 0.64, "stop tracking please|object", reach=8, unless="shop"),
    _rule(IntentType.OBJECTION, 0.68, "contact", unless="shop"),
    # consent (GDPR 7(3))
    _rule(IntentType.CONSENT_WITHDRAWAL, 0.8, "withdraw consent", reach=10),
    _rule(IntentType.CONSENT_WITHDRAWAL, 0.68, "unsubscribe newsletter|marketing"),
    _rule(IntentType.CONSENT_WITHDRAWAL, 0.64, "stop|remove|object newsletter please|stop|object", reach=10),
    _rule(IntentType.CONSENT_WITHDRAWAL, 0.62, f"unsubscribe {_ASKED}", reach=6),
    _rule(IntentType.CONSENT_WITHDRAWAL, 0.66, "erase|remove|unsubscribe mailing", reach=8),
    _rule(IntentType.CONSENT_WITHDRAWAL, 0.45, "unsubscribe"),
    # portability (GDPR 20)
    _rule(
        IntentType.PORTABILITY,
        0.74,
        "machine data|whatsheld|copy give|transfer|please|exercise",
        rivals="shop",
        reach=22,
    ),
    _rule(IntentType.PORTABILITY, 0.72, "transfer data|whatsheld other_provider", unless="stop third"),
    # no decision by a machine alone (GDPR 22)
    _rule(IntentType.AUTOMATED_DECISION, 0.74, "automated decision human", wide=True),
    _rule(IntentType.AUTOMATED_DECISION, 0.64, "human automated please|exercise|decision", wide=True),
    _rule(IntentType.AUTOMATED_DECISION, 0.64, "automated decision please|object|contest|exercise|complain|stop|not|?"),
    _rule(IntentType.AUTOMATED_DECISION, 0.45, "automated decision"),
    # provision to third parties (APPI 35(3), 33(5))
    _rule(
        IntentType.STOP_PROVISION,
        0.76,
        "stop|object share third|data|whatsheld",
        rivals="shop",
        unless="log breach",
        reach=12,
    ),
    _rule(
        IntentType.STOP_PROVISION, 0.62, "stop_it share third|data", wide=True, unless="log breach marketing newsletter"
    ),
    _rule(IntentType.STOP_PROVISION, 0.64, "not share third please", rivals="shop", unless="log breach", reach=12),
    _rule(IntentType.PROVISION_RECORDS, 0.76, "log share|third give|please|exercise|?", unless="stop"),
    _rule(IntentType.PROVISION_RECORDS, 0.66, "whom share data|item|mine give|please|?", unless="stop copy"),
    # what is done with the data (GDPR 13, 14), and what for (APPI 32(2))
    _rule(
        IntentType.INFORMATION,
        0.68,
        "how_use|purpose|retention|legal_basis|recipients data give",
        reach=22,
        unless="copy",
    ),
    _rule(
        IntentType.INFORMATION, 0.64, "how_use|purpose|retention|legal_basis|source mydata|item ?|give", unless="copy"
    ),
    _rule(IntentType.INFORMATION, 0.62, "source data ?|give", unless="copy"),
    # questions and complaints (mission B-6)
    _rule(IntentType.QUESTION, 0.66, "tracking|officer ?|howto|question"),
    _rule(IntentType.QUESTION, 0.64, "tracking|officer|policy give|question", secondary=True),
    _rule(IntentType.QUESTION, 0.62, "tracking ?", secondary=True, wide=True),
    _rule(IntentType.QUESTION, 0.62, "policy|privacy ?|howto|question", secondary=True),
    _rule(IntentType.QUESTION, 0.62, "data ?|question", secondary=True, unless="erase"),
    _rule(IntentType.QUESTION, 0.62, "erase data ?|howto", secondary=True),
    _rule(IntentType.QUESTION, 0.64, "possible data|name.access|name.erasure", secondary=True, reach=24),
    _rule(
        IntentType.COMPLAINT,
        0.76,
        "complain data|privacy|breach|policy|tracking|marketing|object",
        reach=24,
        unless="threat",
    ),
    _rule(IntentType.COMPLAINT, 0.64, "complain data|privacy|breach", wide=True, secondary=True, unless="threat"),
    _rule(IntentType.COMPLAINT, 0.64, "breach data|privacy|item|policy", secondary=True, unless="threat", reach=24),
)

# A right by its name: asked for by it, or only mentioned.
NAMED, MENTIONED = 0.7, 0.42
# The names of these are words of daily life as well.
PLAIN_ONLY = frozenset({IntentType.ERASURE})
# To say these is to do them: "I object to the processing" asks by itself.
DONE_BY_SAYING = frozenset({IntentType.OBJECTION, IntentType.CONSENT_WITHDRAWAL, IntentType.STOP_PROVISION})
