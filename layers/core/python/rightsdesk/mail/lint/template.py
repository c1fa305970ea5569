"""One template by itself: its grammar, its variables, its subject, before anything is filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import Environment, TemplateSyntaxError, nodes

from rightsdesk.domain.letters import Letter
from rightsdesk.mail.lint.finding import Finding
from rightsdesk.mail.requirements import REQUIREMENTS, Requirements

GRAMMAR = "{{ name }}, {% if name %} ... {% else %} ... {% endif %} and {% for part in name %} ... {% endfor %}"
_SUBJECT = "Subject: "
# A subject line is read on locked telephones and by everybody's mail servers: no name, no code, nothing of the case.
_IN_A_SUBJECT = frozenset({"reference", "our_reference", "warning", "merchant"})


@dataclass
class Uses:
    """Where a template names its variables: variable -> lines. `guarded`: under an `if` of that same variable."""

    shown: dict[str, list[int]] = field(default_factory=dict)
    asked: dict[str, list[int]] = field(default_factory=dict)  # in an `if`
    under: dict[str, list[frozenset[str]]] = field(default_factory=dict)  # variable -> the `if`s around each place

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.shown) | frozenset(self.asked)

    def line_of(self, name: str) -> int:
        return min([*self.shown.get(name, []), *self.asked.get(name, [])], default=1)


class _NotAllowedError(Exception):
    """A statement that templates do not have."""

    def __init__(self, node: nodes.Node) -> None:
        super().__init__(type(node).__name__.lower())
        self.line = node.lineno


def read_template(source: str) -> Uses:
    """What a template names. Raises TemplateSyntaxError, _NotAllowedError."""
    uses = Uses()
    for node in Environment(autoescape=True).parse(source).body:
        _walk(node, uses, under=frozenset(), loops={})
    return uses


def _walk(node: nodes.Node, uses: Uses, *, under: frozenset[str], loops: Mapping[str, str]) -> None:
    """`under`: the variables whose `if`s stand around; `loops`: the name of each part -> the list it is from."""
    match node:
        case nodes.Output():
            for part in node.nodes:
                if isinstance(part, nodes.Name):
                    name = loops.get(part.name, part.name)
                    uses.shown.setdefault(name, []).append(part.lineno)
                    uses.under.setdefault(name, []).append(under)
                elif not isinstance(part, nodes.TemplateData):
                    raise _NotAllowedError(part)
        case nodes.If(test=nodes.Name(name=name), elif_=[]):
            uses.asked.setdefault(name, []).append(node.lineno)
            for child in node.body:
                _walk(child, uses, under=under | {name}, loops=loops)
            for child in node.else_:
                _walk(child, uses, under=under, loops=loops)
        case nodes.For(target=nodes.Name(name=part_name), iter=nodes.Name(name=name), test=None, else_=[]):
            for child in node.body:
                _walk(child, uses, under=under, loops={**loops, part_name: name})
        case _:
            raise _NotAllowedError(node)


def lint_template(file: str, letter: Letter, source: str) -> tuple[list[Finding], Uses]:
    """Everything that can be said of a template without filling it in."""
    try:
        uses = read_template(source)
    except TemplateSyntaxError as error:
        return [Finding(file, error.lineno, "template", str(error.message))], Uses()
    except _NotAllowedError as error:
        return [Finding(file, error.line, str(error), f"a letter knows only {GRAMMAR}")], Uses()
    rules = REQUIREMENTS[letter]
    return [*_subject(file, source), *_variables(file, rules, uses)], uses


def _subject(file: str, source: str) -> Iterator[Finding]:
    first, _, rest = source.partition("\n")
    if not first.startswith(_SUBJECT) or not first.removeprefix(_SUBJECT).strip():
        yield Finding(file, 1, "subject", "the first line is `Subject: ` and what the letter is about")
        return
    if rest.partition("\n")[0].strip():
        yield Finding(file, 2, "subject", "the subject is one line, and an empty line follows it")
    try:
        named = read_template(first).names
    except (TemplateSyntaxError, _NotAllowedError):
        yield Finding(file, 1, "subject", "no `if` begins or ends in a subject")
        return
    for name in sorted(named - _IN_A_SUBJECT):
        yield Finding(file, 1, name, f"a subject holds only {', '.join(sorted(_IN_A_SUBJECT))}")


def _variables(file: str, rules: Requirements, uses: Uses) -> Iterator[Finding]:
    for name in sorted(uses.names - rules.variables):
        yield Finding(file, uses.line_of(name), name, "this letter has no such variable")
    for name in sorted(rules.required | rules.optional | rules.sentences.keys()):
        if name not in uses.shown:
            yield Finding(file, 1, name, f"the letter must hold {{{{ {name} }}}}, and does not")
    for name in sorted(rules.flags):
        if name in uses.shown:
            yield Finding(file, uses.shown[name][0], name, "decides what is said: it is for {% if %}, and never shown")
        elif name not in uses.asked:
            yield Finding(file, 1, name, f"the letter must say something else where {name} is not so")
    unset = {name: name for name in rules.optional}
    unset |= {name: each.when for name, each in rules.sentences.items() if each.when}
    for name, condition in sorted(unset.items()):
        for line, under in zip(uses.shown.get(name, []), uses.under.get(name, []), strict=True):
            if condition not in under:
                yield Finding(file, line, name, f"may be unset: it stands inside {{% if {condition} %}}")
