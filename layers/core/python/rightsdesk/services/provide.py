"""The gate: nothing goes to anybody else before it said yes, and it says yes only once it is on record (mission B-3).

The shop asks for up to a hundred people at once, each with an answer of their own. What nobody has described is a no.
"""

# serves: B-3, T-1, T-4

from collections.abc import Callable, Collection, Mapping, Sequence

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.errors import ConflictError, FieldProblem, InvalidInputError
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digests
from rightsdesk.domain.permission import KEY_PURPOSE as KEY_OF_PERMISSIONS
from rightsdesk.domain.provision import KEY_PURPOSE, Direction, Provision, ProvisionGround, record_id
from rightsdesk.domain.provision_gate import (
    ProvisionAnswer,
    ProvisionAnswers,
    ProvisionQuestion,
    ProvisionTerms,
    ProvisionVerdict,
)
from rightsdesk.law.provision import may_provide, may_provide_statistics, may_receive
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.permissions import Permissions
from rightsdesk.ports.provision import ProvisionLedger
from rightsdesk.ports.time import Clock

_TRIES = 3
Subject = Sequence[tuple[str, str]]
"""The identifiers (kind, value) of one person."""


class ProvisionGate:
    """`kinds` are those by which a record is found again when its person asks for it: the ones that outlive an account.

    `terms` and `minimum_cell_size` are of the merchant's files, and are read when they are needed.
    """

    def __init__(
        self,
        *,
        permissions: Permissions,
        provisions: ProvisionLedger,
        keys: Keyring,
        kinds: Collection[str],
        terms: Callable[[], ProvisionTerms],
        minimum_cell_size: Callable[[], int],
        new_call: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._permissions = permissions
        self._provisions = provisions
        self._keys = keys
        self._kinds = kinds
        self._terms = terms
        self._minimum_cell_size = minimum_cell_size
        self._new_call = new_call
        self._clock = clock

    def ask(
        self, question: ProvisionQuestion, subjects: Sequence[Subject], cells: Sequence[int] = ()
    ) -> ProvisionAnswers:
        """`cells` are for statistics, which have no subjects; all else has subjects, and no cells.

        A record is written before its yes is given: where it can't be, ServiceUnavailableError is all that is said.
        Raises InvalidInputError, by position, for a kind that is not known or an e-mail address that is none.
        """
        is_statistics = question.ground == ProvisionGround.STATISTICS
        self._require_sound(is_statistics, subjects, cells)
        call = f"{question.asked_by}|{question.call or self._new_call()}"
        if is_statistics:
            answers = [self._statistics(question, cells, call)]
        else:
            answers = [self._about(question, subject, call) for subject in subjects]
        return ProvisionAnswers(allowed=all(answer.allowed for answer in answers), answers=tuple(answers))

    def receive(self, question: ProvisionQuestion, subjects: Sequence[Subject]) -> ProvisionAnswers:
        """Whether data that `question.recipient` offers about these people may be taken in; a yes is on record.

        Raises InvalidInputError as `ask` does.
        """
        self._require_sound(False, subjects, ())
        call = f"received|{question.asked_by}|{question.call or self._new_call()}"
        verdict = may_receive(question, self._terms())
        key = self._keys.key(KEY_PURPOSE)
        answers = [
            self._recorded(question, verdict, identifier_digests(key, subject), call, direction="received")
            for subject in subjects
        ]
        return ProvisionAnswers(allowed=verdict.allowed, answers=tuple(answers))

    def _about(self, question: ProvisionQuestion, subject: Subject, call: str) -> ProvisionAnswer:
        """A yes holds for the register as it is when the record is written: whoever stops it just then is asked anew.

        ConflictError where the register changes at every try.
        """
        in_register = identifier_digests(self._keys.key(KEY_OF_PERMISSIONS), subject)
        digests = identifier_digests(self._keys.key(KEY_PURPOSE), subject)
        for left in reversed(range(_TRIES)):
            standings = [self._permissions.find(digest) for digest in in_register]
            versions = [each.version if each else 0 for each in standings]
            verdict = may_provide(question, standings, self._terms(), at=self._clock())
            try:
                as_read = dict(zip(in_register, versions, strict=True))
                return self._recorded(question, verdict, digests, call, as_read=as_read)
            except ConflictError:
                if not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _statistics(self, question: ProvisionQuestion, cells: Sequence[int], call: str) -> ProvisionAnswer:
        minimum = self._minimum_cell_size()
        verdict = may_provide_statistics(question, cells, self._terms(), minimum=minimum)
        return self._recorded(question, verdict, (), call, cells)

    def _recorded(
        self,
        question: ProvisionQuestion,
        verdict: ProvisionVerdict,
        digests: tuple[str, ...],
        call: str,
        cells: Sequence[int] = (),
        *,
        direction: Direction = "provided",
        as_read: Mapping[str, int] | None = None,
    ) -> ProvisionAnswer:
        if not verdict.allowed:
            return ProvisionAnswer(**dict(verdict))
        party = self._terms().parties[question.recipient]
        facts = (question.recipient, question.purpose, question.ground, *sorted(question.items))
        entry = Provision(
            record_id=record_id(call, digests, facts),
            at=self._clock(),
            direction=direction,
            party=question.recipient,
            party_name=party.name,
            country=party.country,
            purpose=question.purpose,
            items=tuple(dict.fromkeys(question.items)),
            ground=ProvisionGround(question.ground),
            rule=verdict.rule,
            consent_since=verdict.since,
            asked_by=question.asked_by,
            datamap_version=self._terms().datamap_version,
            cells=len(cells) or None,
            smallest_cell=min(cells, default=None),
        )
        self._provisions.record(digests, entry, as_read=as_read)
        return ProvisionAnswer(**dict(verdict), record_id=entry.record_id)

    def _require_sound(self, is_statistics: bool, subjects: Sequence[Subject], cells: Sequence[int]) -> None:
        if is_statistics:
            problems = [] if cells else [FieldProblem("cells", "missing")]
            problems += [FieldProblem("subjects", "not_for_statistics")] if subjects else []
        else:
            problems = [] if subjects else [FieldProblem("subjects", "missing")]
            problems += [FieldProblem("cells", "for_statistics_only")] if cells else []
        problems += [
            FieldProblem(f"subjects.{position}.identifiers.{number}.{field}", reason)
            for position, subject in enumerate(subjects)
            for number, (kind, value) in enumerate(subject)
            for field, reason, wrong in (
                ("kind", "not_a_choice", kind not in self._kinds),
                ("value", "wrong_format", kind == EMAIL and canonical_address(value) is None),
            )
            if wrong
        ]
        if problems:
            raise InvalidInputError(problems)
