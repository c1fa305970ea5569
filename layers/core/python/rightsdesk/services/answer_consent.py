"""The second half of a double opt-in, and the answer to a question of ours: yes or no, by whoever reads the mailbox.

Nothing is kept of a question before it is answered; the token in its link says who was asked what, and when.
"""

# serves: B-3, P-03, P-11

from collections.abc import Callable, Collection

from rightsdesk.domain.consent_ledger import ConsentAct, ConsentState, new_record_id
from rightsdesk.domain.consent_text import ConsentQuestion, ConsentTexts
from rightsdesk.domain.consenting import with_consent_given, with_refusal
from rightsdesk.domain.errors import GoneError, NotFoundError
from rightsdesk.domain.list_tokens import QUESTION_KEY, QuestionToken, read_question_token, token_id
from rightsdesk.law.consent_questions import answered_until
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.permissions import Permissions, change_consents
from rightsdesk.ports.time import Clock


class ConsentAnswers:
    """Questions of consent and their answers. Each call raises NotFoundError for a link that is not ours or whose words
    or purpose are not there any more, and GoneError (`question_closed`) once its time has passed.
    """

    def __init__(
        self,
        *,
        permissions: Permissions,
        keys: Keyring,
        texts: Callable[[], ConsentTexts],
        purposes: Collection[str],
        clock: Clock,
    ) -> None:
        self._permissions = permissions
        self._keys = keys
        self._texts = texts
        self._purposes = purposes
        self._clock = clock

    def view(self, typed: str) -> ConsentQuestion:
        """Nothing is looked up and nothing changes."""
        return self._open(typed)[1]

    def agree(self, typed: str) -> ConsentQuestion:
        """On record, and in force from now on. Again: nothing changes.

        Raises WithdrawnSinceError where the person has stopped this purpose since the question was asked.
        """
        token, question = self._open(typed)
        act = self._act(typed, question, ConsentState.GIVEN)
        change_consents(
            self._permissions,
            [token.digest],
            lambda standing: with_consent_given(standing, act, asked_at=token.asked_at),
        )
        return question

    def refuse(self, typed: str) -> ConsentQuestion:
        """On record, and nobody asks again. Again: nothing changes."""
        token, question = self._open(typed)
        act = self._act(typed, question, ConsentState.REFUSED)
        change_consents(self._permissions, [token.digest], lambda standing: with_refusal(standing, act))
        return question

    def _open(self, typed: str) -> tuple[QuestionToken, ConsentQuestion]:
        token = read_question_token(self._keys.key(QUESTION_KEY), typed)
        found = self._texts().with_digest(token.text) if token else None
        if token is None or found is None:
            raise NotFoundError
        purpose, text, language = found
        if purpose not in self._purposes:
            raise NotFoundError
        until = answered_until(token.channel, token.asked_at)
        if self._clock() >= until:
            raise GoneError("question_closed")
        question = ConsentQuestion(
            purpose=purpose, text=text, language=language, channel=token.channel, open_until=until
        )
        return token, question

    def _act(self, typed: str, question: ConsentQuestion, state: ConsentState) -> ConsentAct:
        return ConsentAct(
            record_id=new_record_id(),
            at=self._clock(),
            state=state,
            purpose=question.purpose,
            channel=question.channel,
            text_version=question.text.version,
            text_sha256=question.text.sha256(question.language),
            language=question.language,
            proof=f"mail:{token_id(typed)}",
            recipients=question.text.recipients if state is ConsentState.GIVEN else (),
        )
