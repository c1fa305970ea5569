"""Turns a template into bytes, with the words of one language. HTML is escaped; its one style sheet is inside.

Pages open from a disk: no script, nothing remote, and a policy that lets in the style sheet by its hash and no more.
"""

import base64
import hashlib
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from rightsdesk.domain.request import Language
from rightsdesk.export import wording
from rightsdesk.export.package import PackageContext


def render(template: str, context: PackageContext, language: Language, **values: Any) -> bytes:
    """The page as UTF-8. Half a surrogate pair, which no encoding knows, becomes a `?`."""
    page = (
        _environment()
        .get_template(template)
        .render(
            lang=language,
            t=partial(wording.text, language),
            count=partial(wording.count, language),
            number=partial(wording.number, language),
            words=partial(wording.words, language),
            day=partial(wording.day, language),
            day_here=partial(wording.day_in, language, zone=context.zone),
            in_brackets=partial(wording.bracketed, language),
            pair=partial(wording.pair, language),
            country=partial(wording.country, language),
            listed=partial(wording.listed, language),
            context=context,
            shop=wording.words(language, context.controller.name),
            **values,
        )
    )
    return page.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True, default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = _template("style.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own file
    environment.globals["policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    return environment


def _template(name: str) -> str:
    return (files("rightsdesk.export") / "templates" / name).read_text("utf-8")
