"""Letters: a template of the merchant becomes a mail, as text and as simple HTML that says the same.

A template is a text file, `letters/<language>/<letter>.txt`: the first line is the subject, then paragraphs. It can
place values and leave out what is not set, and nothing else: it runs in a sandbox, and an unknown value is an error
and not an empty place. Sentences that depend on the case stand in `letters/<language>/phrases.yaml`.
"""

import html
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Letter, OutgoingMail, Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language

if TYPE_CHECKING:  # imported where a letter is written: many a cold start writes none
    from jinja2.sandbox import ImmutableSandboxedEnvironment


class MerchantLetters:
    """Keeps the port LetterPress, with the templates in a merchant's folder."""

    def __init__(self, merchant_path: Path, merchant: MerchantProfile) -> None:
        self._folder = merchant_path / "letters"
        self._merchant = merchant

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        """The mail. Raises MerchantFileError, naming the file, where a template or a phrase is missing or wrong."""
        from jinja2.exceptions import TemplateError

        from rightsdesk.mail.wording import zone_name

        path = self._folder / language / f"{letter}.txt"
        ours = {
            "merchant": self._merchant.name,
            "address": self._merchant.address,
            "contact": self._merchant.contact_email,
            "zone": zone_name(self._merchant.zone, language),
        }
        try:
            template = self._environment(language).from_string(path.read_text("utf-8"))
            text = template.render({**ours, **values})
        except (OSError, TemplateError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise MerchantFileError(f"letters/{language}/{letter}.txt: {type(error).__name__}: {error}") from error
        first, _, body = text.partition("\n")
        subject = " ".join(first.removeprefix("Subject:").split())
        text = _tidy(body)
        return OutgoingMail(
            to=to, subject=subject, text=text, html=_as_html(text, subject, language, links=set(_links(values)))
        )

    def _environment(self, language: Language) -> "ImmutableSandboxedEnvironment":
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        from rightsdesk.mail.wording import written

        def shown(value: Any) -> Any:
            if value is None:
                return ""  # what is not set leaves no trace
            if isinstance(value, Label):
                return value.of(language)
            if isinstance(value, Phrase):
                sentence = _phrases(self._folder / language / "phrases.yaml")[value.name]
                return sentence.format_map({name: shown(part) for name, part in value.values.items()})
            if isinstance(value, list | tuple):
                return ("、" if language == "ja" else ", ").join(str(shown(part)) for part in value)
            return written(value, language, self._merchant.timezone)

        # Plain text is not escaped; the HTML is made from the finished text, and escaped as a whole.
        return ImmutableSandboxedEnvironment(
            autoescape=False,
            undefined=StrictUndefined,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
        )


@cache
def _phrases(path: Path) -> dict[str, str]:
    try:
        phrases = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise MerchantFileError(f"{path.name}: {type(error).__name__}") from error
    if not isinstance(phrases, dict):
        raise MerchantFileError(f"{path.name}: holds no phrases")
    return {str(name): str(sentence) for name, sentence in phrases.items()}


def _tidy(text: str) -> str:
    """Paragraphs apart by one empty line."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


_FONT = "font-family:system-ui,-apple-system,'Hiragino Sans','Noto Sans JP','Yu Gothic',sans-serif"
_CODE_STYLE = "font-size:1.6em;font-weight:600;letter-spacing:.08em"


def _links(values: Mapping[str, Any]) -> Iterator[str]:
    """The addresses that may be clicked: our page, and that of an authority. What a person typed is never one."""
    for name, value in values.items():
        if isinstance(value, Phrase):
            yield from _links(value.values)
        elif name in ("link", "web") and value:
            yield str(value)


def _as_html(text: str, title: str, language: Language, *, links: set[str]) -> str:
    """Each paragraph of the text as a paragraph; `links` become links, nothing else is markup."""
    known = re.compile(
        "|".join(re.escape(html.escape(link)) for link in sorted(links, key=len, reverse=True)) or r"(?!)"
    )
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        escaped = html.escape(paragraph).replace("\n", "<br>\n")
        linked = known.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escaped)
        paragraphs.append(f'<p style="{_CODE_STYLE}">{linked}</p>' if _is_code(paragraph) else f"<p>{linked}</p>")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'</head>\n<body style="margin:0;padding:24px;color:#1d2733;background:#fff;line-height:1.7;{_FONT}">\n'
        '<div style="max-width:36em">\n' + "\n".join(paragraphs) + "\n</div>\n</body></html>\n"
    )


def _is_code(paragraph: str) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9]{4}", paragraph.strip()) is not None
