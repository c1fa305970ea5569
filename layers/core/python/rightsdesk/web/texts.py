"""The words of the pages: `translations/<language>.yaml` of the merchant's layer, checked when first read.

A file is a tree of texts, named by the path to them: `start.title`. A text is plain: it holds no markup, and
`{reference}` stands for a value. Text and values are escaped, so a name can never become markup (abuse case 47) and
braces in a value stay braces (48).
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from markupsafe import Markup, escape

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.request import Language

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Texts(Mapping[str, str]):
    """The texts of one language. `texts("sent.title", reference="RD-…")` is one of them, escaped and filled in."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = dict(entries)

    def __call__(self, key: str, /, **values: object) -> Markup:
        return escape(self._entries[key]).format(**values)

    def __getitem__(self, key: str) -> str:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def texts_in(folder: Path) -> Callable[[Language], Texts]:
    """A reader of the files in `folder`; each is read once. Raises MerchantFileError where one is not as it must be."""

    @cache
    def read(language: Language) -> Texts:
        path = folder / f"{language}.yaml"
        try:
            tree = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, in C
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise MerchantFileError(f"{path.name}: can't be read: {error}") from error
        return Texts(dict(_flat(tree, path=path, prefix="")))

    return read


def placeholders(text: str) -> set[str]:
    """The names in braces. Raises ValueError for anything but a plain name: no attributes, no formats."""
    names = set()
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            if not name.isidentifier() or form or conversion:
                raise ValueError(f"{{{name}}} is not a plain name in braces")
            names.add(name)
    return names


def _flat(tree: object, *, path: Path, prefix: str) -> Iterator[tuple[str, str]]:
    if not isinstance(tree, dict):
        raise MerchantFileError(f"{path.name}: {prefix or 'the file'} must be a mapping or a text")
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if not isinstance(name, str) or not name.isidentifier():
            raise MerchantFileError(f"{path.name}: {key}: a name is letters, digits and underscores")
        if isinstance(value, str):
            try:
                placeholders(value)
            except ValueError as error:
                raise MerchantFileError(f"{path.name}: {key}: {error}") from error
            yield key, value.strip()
        else:
            yield from _flat(value, path=path, prefix=f"{key}.")
