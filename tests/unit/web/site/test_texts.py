"""The words of the pages: both languages whole, each text used, each used text there."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.erasure_review import ErasurePhase
from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.recipient_notice import NoticeAction, NoticeState
from rightsdesk.domain.request import AgentRole, Language, RequestType
from rightsdesk.domain.views import Step
from rightsdesk.law.countries import REGIONS
from rightsdesk.web import visit
from rightsdesk.web.answers import GROUNDS, OBJECTS_TO
from rightsdesk.web.languages import LANGUAGES
from rightsdesk.web.pages import for_whom, notice
from rightsdesk.web.pages.agent import AgentForm
from rightsdesk.web.pages.answer import AnswerForm
from rightsdesk.web.pages.confirm import CodeForm
from rightsdesk.web.pages.evidence import EvidenceForm
from rightsdesk.web.pages.for_whom import ForWhomForm
from rightsdesk.web.pages.message import MessageForm
from rightsdesk.web.pages.my_request import ReferenceForm
from rightsdesk.web.pages.question import (
    OWN_QUESTION,
    RIGHTS_BY_WISH,
    WhatExactlyForm,
    WhereYouLiveForm,
    WhoYouAreForm,
    YourDetailsForm,
    YourRegionForm,
    YourRequestForm,
)
from rightsdesk.web.problem_pages import CODES
from rightsdesk.web.texts import Texts, placeholders, texts_in
from tests.support.site_client import ROOT, TEXTS

TEMPLATES = Path(visit.__file__).parent / "templates"
ERASURES = tuple(f"erasure_{phase}" for phase in get_args(ErasurePhase))
STANDINGS_TO_ACT_ON = ("unconfirmed", "evidence_needed", "ready", "erasure_confirm", "erasure_can_be_undone", "merged")
STANDINGS = {
    *STANDINGS_TO_ACT_ON,
    *("question", "in_progress", "by_hand", "done_by_hand", "message_answered", "never_confirmed"),
    *(*ERASURES, "erasure_of_nothing"),
    *set(Outcome) - {Outcome.UNCONFIRMED},
}
CHOSEN = ("objects_to", "ground", "purposes", "recipients")
FORMS = (
    ForWhomForm,
    WhoYouAreForm,
    AgentForm,
    YourRequestForm,
    WhatExactlyForm,
    WhereYouLiveForm,
    YourRegionForm,
    YourDetailsForm,
    CodeForm,
    ReferenceForm,
    EvidenceForm,
    AnswerForm,
    MessageForm,
    notice.NoticeForm,
)


def used_keys() -> set[str]:
    """The keys in the templates, and the families that a template completes with a value."""
    keys = set()
    for path in TEMPLATES.iterdir():
        keys |= set(re.findall(r'(?<!\w)t\("([a-z_0-9.]+[a-z_0-9])"', path.read_text()))
    keys |= {f"types.{kind}.{part}" for kind in RequestType for part in ("title", "hint")}
    keys |= {f"your_request.{wish}" for wish in RIGHTS_BY_WISH}
    keys |= {f"details_for.{about}.{part}" for about in (*OWN_QUESTION, "other") for part in ("label", "hint")}
    keys |= {f"what_exactly.{field}.{part}" for field in CHOSEN for part in ("title", "hint")}
    keys |= {f"what_exactly.uses.{part}" for part in ("title", "hint")}
    keys |= {f"what_exactly.decision.{part}" for part in ("title", "hint")}
    keys |= {f"what_exactly.{part}" for part in ("send_to.said", "send_to.unsaid", "meanwhile.unsaid")}
    keys |= {f"what_exactly.objects_to.{what}" for what in OBJECTS_TO}
    keys |= {f"what_exactly.ground.{ground}" for ground in GROUNDS}
    keys |= {f"regions.{code.replace('-', '_')}" for codes in REGIONS.values() for code in codes}
    keys |= {f"status.question.why.{kind}" for kind in QuestionKind}
    keys |= {f"status.extended.{reason}" for reason in ExtensionReason}
    keys |= {f"for_whom.choices.{choice}" for choice in for_whom.CHOICES}
    keys |= {f"status.agent.{role}" for role in AgentRole}
    keys |= {f"status.steps.{name}" for name in Step.model_fields["name"].annotation.__args__}  # type: ignore[union-attr]
    keys |= {"status.now", "status.later"}
    keys |= {f"status.messages.kinds.{kind}" for kind in ("request", "answer")}
    keys |= {f"status.standing.{name}.{part}" for name in STANDINGS for part in ("title", "text")}
    keys |= {f"status.standing.{name}.action" for name in STANDINGS_TO_ACT_ON}
    keys |= {f"withdraw{of}.{part}" for of in ("", ".erasure") for part in ("title", "text", "submit", "keep")}
    keys |= {f"erasure.{fate}" for fate in ("deleted", "anonymised")}
    keys |= {f"notice.actions.{action}" for action in get_args(NoticeAction)}
    keys |= {f"notice.actions.{action}_meanwhile" for action in ("restrict", "stop_use")}
    keys |= {f"notice.choices.{state}" for state in notice.CHOICES}
    keys |= {f"notice.said.{state}" for state in notice.SAID}
    keys |= {f"status.told.{state}" for state in NoticeState}
    keys |= {f"problem.{code}.{part}" for code in CODES for part in ("title", "text")}
    return keys


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    english, japanese = (TEXTS(language) for language in LANGUAGES)
    assert set(english) == set(japanese)
    assert {key: placeholders(english[key]) for key in english} == {
        key: placeholders(japanese[key]) for key in japanese
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_used_text_exists_and_each_text_is_used(language: str) -> None:
    at_fields = {key for key in TEXTS(language) if key.startswith("problems.")}  # type: ignore[arg-type]
    assert used_keys() == set(TEXTS(language)) - at_fields  # type: ignore[arg-type]
    fields = {name for form in FORMS for name in form.model_fields}
    assert {key.split(".")[1] for key in at_fields} == fields
    assert {f"problems.{name}.invalid" for name in fields} <= at_fields  # what any other reason falls back to
    known = {"missing", "invalid", "too_short", "too_long", "wrong", "ask_apart", "full", "not_callable"}
    known |= {"too_long_for_another", "sensitive_number", "situation_missing", "ticked"}
    assert {key.split(".")[2] for key in at_fields} <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_written_twice_and_only_marks_may_be_empty(language: str) -> None:
    root = yaml.compose((ROOT / f"layers/merchant/translations/{language}.yaml").read_text())

    def check(node: yaml.Node | None) -> None:
        if isinstance(node, yaml.MappingNode):
            names = [key.value for key, _ in node.value]
            assert len(names) == len(set(names)), names
            for _, value in node.value:
                check(value)

    check(root)
    assert {key for key, text in TEXTS(language).items() if not text} <= {"form.required"}  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "quoted"), [("en", "“{}”"), ("ja", "「{}」")])
def test_a_button_that_a_text_names_is_called_so(language: Language, quoted: str) -> None:
    texts = TEXTS(language)
    assert quoted.format(texts["code.resend"]) in texts["code.resend_wait"]
    assert quoted.format(texts["your_region.unsaid"]) in texts["problems.region.invalid"]


def test_nobody_is_promised_more_codes_than_there_are() -> None:
    assert "at any time" not in TEXTS("en")["sent.next_confirm"] + TEXTS("en")["accessibility.limits"]
    assert "always" not in TEXTS("en")["accessibility.limits"]
    assert "コードはいつでも" not in TEXTS("ja")["sent.next_confirm"] + TEXTS("ja")["accessibility.limits"]
    for key in ("sent.next_confirm", "code.resend_wait", "accessibility.limits"):
        assert "at most three in 24 hours" in TEXTS("en")[key]
        assert "24時間に3回まで" in TEXTS("ja")[key]


def test_what_was_sent_to_the_address_is_named() -> None:
    assert (TEXTS("en")["confirm.to"], TEXTS("ja")["confirm.to"]) == ("We have sent the code to", "コードの送信先")


def test_japanese_is_polite_and_english_calm() -> None:
    everything = " ".join(TEXTS("ja").values())
    assert not re.search(r"(?:である|ください|ません|だ)。?だ。", everything)
    assert "!" not in " ".join(TEXTS("en").values())
    assert "！" not in everything


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("a: {b: [c]}", "a.b"),
        ("a: 3", "a"),
        ("- a", "the file"),
        ("'a b': c", "a b"),
        ("a: '{x.__class__}'", "plain name"),
        ("a: '{x!r}'", "plain name"),
        ("a: '{x:>9}'", "plain name"),
        ("a: '{'", "a"),
        ("a: [", "can't be read"),
    ],
)
def test_a_wrong_file_is_refused_and_the_place_is_named(tmp_path: Path, written: str, complaint: str) -> None:
    (tmp_path / "en.yaml").write_text(written)
    with pytest.raises(MerchantFileError, match=re.escape("en.yaml")) as caught:
        texts_in(tmp_path)("en")
    assert complaint in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MerchantFileError, match=r"ja\.yaml"):
        texts_in(tmp_path)("ja")


def test_a48_values_are_escaped_and_their_braces_are_letters() -> None:
    said = Texts({"hello": "Hello <b>{name}</b>"})("hello", name="{name} <i> {0.__class__}")
    assert said == "Hello &lt;b&gt;{name} &lt;i&gt; {0.__class__}&lt;/b&gt;"
