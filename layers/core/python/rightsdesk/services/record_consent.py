"""Take in what the shop was told itself: a consent with its proof, that one is taken back, and both of before."""

# serves: B-3, E-09, P-03

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from rightsdesk.domain.consent_ledger import ConsentAct, ConsentChannel, ConsentState
from rightsdesk.domain.consent_text import LANGUAGES, ConsentTexts
from rightsdesk.domain.consenting import Changed, with_consent_given, with_past_consent, with_past_withdrawal
from rightsdesk.domain.errors import InvalidInputError, NotFoundError, WithdrawnSinceError
from rightsdesk.domain.identifier_digest import subject_digest
from rightsdesk.domain.past_consent import FileLine, ImportOutcome, PastConsent, past_record_id
from rightsdesk.domain.permission import KEY_PURPOSE, Permission, Standing, Stop, StopKind, Terms, permitted
from rightsdesk.domain.request import Language
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.permissions import Permissions, change_consents, change_standings
from rightsdesk.ports.time import Clock

_A_DAY = timedelta(days=1)


class ShopConsents:
    """`kind` and `value` are an identifier of the person, as in `ask_permission`: what is on record of one identifier
    holds for that one, so it has to be the one that is asked about later. Each answers what is allowed from now on.
    """

    def __init__(
        self,
        *,
        permissions: Permissions,
        keys: Keyring,
        kinds: Collection[str],
        texts: Callable[[], ConsentTexts],
        terms: Callable[[], Terms],
        clock: Clock,
    ) -> None:
        self._permissions = permissions
        self._keys = keys
        self._kinds = kinds
        self._texts = texts
        self._terms = terms
        self._clock = clock

    def record(
        self,
        kind: str,
        value: str,
        purpose: str,
        *,
        text_version: str,
        language: Language,
        given_at: datetime,
        proof: str,
    ) -> Permission:
        """Told again, it is the same one. `proof` is the id of the shop's own record.

        Raises InvalidInputError: `subject`, `purpose` or `text_version` (`unknown`), `given_at` (`in_future`; or
        `before_text`, for nobody can have agreed to it then); and WithdrawnSinceError where the person has stopped this
        purpose after `given_at`.
        """
        digest = self._digest(kind, value, purpose)
        try:
            text = self._texts().version(purpose, text_version)
        except NotFoundError:
            raise InvalidInputError.of("text_version", "unknown") from None
        self._require_past("given_at", given_at)
        if given_at.date() < text.valid_from - _A_DAY:  # of whatever zone the day is: nobody read it before
            raise InvalidInputError.of("given_at", "before_text")
        act = ConsentAct(
            record_id=hashlib.sha256(f"{digest}\n{purpose}\n{given_at.isoformat()}\n{proof}".encode()).hexdigest()[:32],
            at=given_at,
            state=ConsentState.GIVEN,
            purpose=purpose,
            channel=ConsentChannel.SHOP,
            text_version=text.version,
            text_sha256=text.sha256(language),
            language=language,
            proof=f"shop:{proof}",
            recipients=text.recipients,
        )
        (standing,) = change_consents(self._permissions, [digest], lambda standing: with_consent_given(standing, act))
        return self._answer(standing, purpose)

    def withdraw(self, kind: str, value: str, purpose: str, *, withdrawn_at: datetime | None) -> Permission:
        """At once; and as easily as it was given: nothing has to be shown (GDPR 7(3)). `withdrawn_at` None: now.

        A consent that was given after that stays. Raises InvalidInputError: `subject`, `purpose` (`unknown`, or
        `not_by_consent`: there is nothing to take back), `withdrawn_at` (`in_future`).
        """
        digest = self._digest(kind, value, purpose)
        if purpose not in self._terms().by_consent:
            raise InvalidInputError.of("purpose", "not_by_consent")
        at = withdrawn_at or self._clock()
        self._require_past("withdrawn_at", at)
        stop = Stop(
            id=f"{ConsentChannel.SHOP}:{purpose}",
            kind=StopKind.WITHDRAWN,
            purposes=(purpose,),
            rule="GDPR-7-3",
            since=at,
        )

        def withdrawn(standing: Standing) -> Standing:
            held = standing.consents.get(purpose)
            return standing if held is not None and held.given_at > at else standing.with_word(stop)

        (standing,) = change_standings(self._permissions, [digest], withdrawn)
        return self._answer(standing, purpose)

    def bring_in(self, past: PastConsent, line: FileLine) -> ImportOutcome:
        """Enter a line of a file of before, and say what came of it. The same line again changes nothing.

        Raises InvalidInputError as `check` does.
        """
        digest, act = self._past_act(past, line)
        outcome = ImportOutcome.ON_RECORD

        def changed(standing: Standing) -> Changed:
            nonlocal outcome
            after, acts = (
                with_past_withdrawal(standing, act)
                if act.state is ConsentState.WITHDRAWN
                else with_past_consent(standing, act, now=self._clock())
            )
            outcome = ImportOutcome.ON_RECORD if after == standing else ImportOutcome.ENTERED
            return after, acts

        try:
            change_consents(self._permissions, [digest], changed)
        except WithdrawnSinceError:
            return ImportOutcome.STOPPED
        return outcome

    def check(self, past: PastConsent, line: FileLine) -> None:
        """Whether the line could be entered; nothing is looked up of the person.

        Raises InvalidInputError: `subject`, `purpose` (`unknown`, or `not_by_consent` of what is taken back), `at`
        (`in_future`, or `before_text`), `text_version` (`missing` beside a digest), `text_sha256` (`differs` from
        that of the words in `consents.yaml`).
        """
        self._past_act(past, line)

    def _past_act(self, past: PastConsent, line: FileLine) -> tuple[str, ConsentAct]:
        digest = self._digest(*past.identifier, past.purpose)
        self._require_past("at", past.at)
        act = ConsentAct(
            record_id=past_record_id(digest, past),
            at=past.at,
            state=ConsentState(past.state),
            purpose=past.purpose,
            channel=ConsentChannel.IMPORTED,
            proof=line.proof_of(past),
        )
        if act.state is ConsentState.GIVEN:
            return digest, act.model_copy(update=self._words(past))
        if past.purpose not in self._terms().by_consent:
            raise InvalidInputError.of("purpose", "not_by_consent")
        return digest, act

    def _words(self, past: PastConsent) -> dict[str, object]:
        """Of what was read, as much as is known: a version that `consents.yaml` has not is taken as it is told."""
        if past.text_version is None:
            if past.text_sha256 is not None:
                raise InvalidInputError.of("text_version", "missing")
            return {"language": past.language}
        said: dict[str, object] = {
            "text_version": past.text_version,
            "text_sha256": past.text_sha256,
            "language": past.language,
        }
        try:
            text = self._texts().version(past.purpose, past.text_version)
        except NotFoundError:
            return said
        if past.at.date() < text.valid_from - _A_DAY:
            raise InvalidInputError.of("at", "before_text")
        known = [text.sha256(each) for each in ((past.language,) if past.language else LANGUAGES)]
        if past.text_sha256 is not None and past.text_sha256 not in known:
            raise InvalidInputError.of("text_sha256", "differs")
        if past.language is not None:
            said["text_sha256"] = known[0]
        return said | {"recipients": text.recipients}

    def _digest(self, kind: str, value: str, purpose: str) -> str:
        digest = subject_digest(self._keys.key(KEY_PURPOSE), kind, value, kinds=self._kinds)
        if purpose not in self._terms().purposes:
            raise InvalidInputError.of("purpose", "unknown")
        return digest

    def _require_past(self, field: str, at: datetime) -> None:
        if at > self._clock():
            raise InvalidInputError.of(field, "in_future")

    def _answer(self, standing: Standing, purpose: str) -> Permission:
        return permitted(standing, self._terms(), at=self._clock(), purpose=purpose)
