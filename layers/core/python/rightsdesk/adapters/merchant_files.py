"""The files that a merchant edits (`layers/merchant/`), as models; what is wrong is named by file, line and field.

`${MembersTable}` in a file stands for a resource of the merchant's own. It is read from the environment variable
`SOURCE_MEMBERS_TABLE`, which the template sets from the parameter of that name. A missing one is an error at start-up.
"""

import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.fields import Identifier, Name, Purpose

if TYPE_CHECKING:  # most functions read merchant.yaml alone
    from rightsdesk.domain.acceptance import PolicyHistory
    from rightsdesk.domain.consent_text import ConsentTexts
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.domain.instruction import OpenDsrProfile
    from rightsdesk.domain.recipients import Recipient

DATA_MAP = "datamap.yaml"
CONSENTS = "consents.yaml"
POLICY = "policy.yaml"
RECIPIENTS = "recipients.yaml"
_REGISTERED = "recipients"
_DEFAULT_DIRECTORY = "/opt/merchant"  # where Lambda mounts the layer
_RESOURCE = re.compile(r"\$\{([A-Za-z][A-Za-z0-9]*)\}")
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it is built: ten times faster
Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


class _Identifiers(BaseModel):
    """The part of the data map that says which kinds of identifiers there are."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    identifiers: dict[Name, Identifier]


class _Purposes(BaseModel):
    """The part of it that says what data are used for."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    purposes: dict[Name, Purpose]


def merchant_directory() -> Path:
    """`MERCHANT_PATH`, else where the layer is mounted."""
    return Path(os.environ.get("MERCHANT_PATH", _DEFAULT_DIRECTORY))


@cache
def data_map() -> "DataMap":
    """The merchant's data map, read once per process. Raises MerchantFileError."""
    return read_data_map(merchant_directory() / DATA_MAP, resources=os.environ)


@cache
def described_data_map() -> "DataMap":
    """The same for a function that reads no source, and has none of the merchant's resources in its environment."""
    return read_data_map(merchant_directory() / DATA_MAP)


@cache
def recipients() -> "dict[str, Recipient]":
    """The register of recipients alone, in the order of the file; none where there is no such file."""
    from rightsdesk.domain.recipients import Recipients

    path = merchant_directory() / RECIPIENTS
    return read_merchant_file(path, Recipients).root if path.is_file() else {}


@cache
def opendsr_profile() -> "OpenDsrProfile":
    """`opendsr.yaml`, read once per process; nobody hands anything on where there is no such file."""
    from rightsdesk.domain.instruction import OpenDsrProfile

    path = merchant_directory() / "opendsr.yaml"
    return read_merchant_file(path, OpenDsrProfile) if path.is_file() else OpenDsrProfile()


@cache
def opendsr_certificate() -> str:
    """Our certificate, and those between it and its authority, as PEM; empty where there is none."""
    path = merchant_directory() / "opendsr.pem"
    return path.read_text(encoding="ascii") if path.is_file() else ""


def suppressed_kinds() -> frozenset[str]:
    """The kinds of identifiers of which a digest is kept after an erasure."""
    return frozenset(name for name, identifier in identifiers().items() if identifier.suppressed)


@cache
def identifiers() -> dict[str, Identifier]:
    """The kinds of identifiers. Of the data map, only they are read here."""
    return read_merchant_file(merchant_directory() / DATA_MAP, _Identifiers).identifiers


@cache
def purposes() -> dict[str, Purpose]:
    """The closed list of purposes. Of the data map, only they are read here."""
    return read_merchant_file(merchant_directory() / DATA_MAP, _Purposes).purposes


@cache
def consent_texts() -> "ConsentTexts":
    """The words that people agree to."""
    return read_consent_texts(merchant_directory())


def read_consent_texts(folder: Path) -> "ConsentTexts":
    """Those of a merchant's folder; none where there is no such file. Raises MerchantFileError."""
    from rightsdesk.domain.consent_text import ConsentTexts

    path = folder / CONSENTS
    return read_merchant_file(path, ConsentTexts) if path.is_file() else ConsentTexts({})


@cache
def policy_history() -> "PolicyHistory":
    """The versions of the privacy policy. Raises MerchantFileError."""
    from rightsdesk.domain.acceptance import PolicyHistory

    return read_merchant_file(merchant_directory() / POLICY, PolicyHistory)


def read_merchant_file(path: Path, model: type[Model], *, resources: Mapping[str, str] | None = None) -> Model:
    """One YAML file as a model. Without `resources` (to check a file), `${MembersTable}` stays as it is.

    Raises MerchantFileError with all that is wrong, a line each: `datamap.yaml:12: sources.shop.kind: ...`.
    """
    root = _root(path, resources)
    try:
        return model.model_validate(_constructed(root, path))
    except ValidationError as error:
        raise _error(path, _located(root, error)) from error


def read_data_map(path: Path, *, resources: Mapping[str, str] | None = None) -> "DataMap":
    """The data map of a file, with the recipients of the file beside it. Raises MerchantFileError, which names both."""
    from rightsdesk.domain.datamap import DataMap

    root, beside = _root(path, resources), path.with_name(RECIPIENTS)
    if not beside.is_file():
        return read_merchant_file(path, DataMap, resources=resources)
    register = _root(beside, None)
    written = _constructed(root, path)
    if not isinstance(written, dict):
        return read_merchant_file(path, DataMap, resources=resources)  # says so
    if _child(root, _REGISTERED) is not None:
        raise _error(path, [(_line(root, (_REGISTERED,)), (_REGISTERED,), f"they stand in {RECIPIENTS}")])
    try:
        return DataMap.model_validate(written | {_REGISTERED: _constructed(register, beside)})
    except ValidationError as error:
        raise _error_of_both((path, root), (beside, register), error) from error


def resource_names(path: Path) -> tuple[str, ...]:
    """The resources that a file names (`MembersTable`), sorted: each is a parameter of the template."""
    root = _composed(path)
    scalars = [] if root is None else _scalars(root)
    return tuple(sorted({name for scalar in scalars for name in _RESOURCE.findall(scalar.value)}))


def resource_in_environment(text: str) -> str:
    """A text of the data map, such as a table, with the names of resources in place. Raises MerchantFileError."""
    missing = [name for name in _RESOURCE.findall(text) if not os.environ.get(environment_variable(name))]
    if missing:
        raise MerchantFileError(f"${{{missing[0]}}} needs {environment_variable(missing[0])} in the environment")
    return _RESOURCE.sub(lambda found: os.environ[environment_variable(found[1])], text)


def environment_variable(resource: str) -> str:
    """`MembersTable` -> `SOURCE_MEMBERS_TABLE`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", resource)
    return f"SOURCE_{words.upper()}"


def _root(path: Path, resources: Mapping[str, str] | None) -> yaml.Node:
    """The whole of a file, sound as YAML, with the names of resources in place."""
    root = _composed(path)
    if root is None:
        raise MerchantFileError(f"{path.name}:1: the file is empty")
    problems = _duplicates(root)
    if resources is not None:
        problems += _resolve(root, resources)
    if problems:
        raise _error(path, problems)
    return root


def _composed(path: Path) -> yaml.Node | None:
    try:
        text = path.read_text(encoding="utf-8")
        return yaml.compose(text, Loader=_Loader)
    except OSError as error:
        raise MerchantFileError(f"{path.name}: can't be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise MerchantFileError(f"{path.name}: is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MerchantFileError(f"{path.name}:{line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:  # a character that YAML does not allow
        raise MerchantFileError(f"{path.name}: not YAML: {str(error).splitlines()[0]}") from error


def _constructed(root: yaml.Node, path: Path) -> object:
    try:
        return yaml.SafeLoader("").construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise MerchantFileError(f"{path.name}:{line}: {error.problem}") from error


def _duplicates(node: yaml.Node, place: Place = ()) -> list[tuple[int, Place, str]]:
    """Keys that stand twice in one mapping: YAML would silently keep the last."""
    found: list[tuple[int, Place, str]] = []
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            line, name = key.start_mark.line + 1, str(key.value)
            if name in seen:
                found.append((line, (*place, name), f"stands here twice, first in line {seen[name]}"))
            else:
                seen[name] = line
            found += _duplicates(value, (*place, name))
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            found += _duplicates(item, (*place, position))
    return found


def _scalars(node: yaml.Node) -> list[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        return [scalar for _, value in node.value for scalar in _scalars(value)]
    if isinstance(node, yaml.SequenceNode):
        return [scalar for item in node.value for scalar in _scalars(item)]
    return [node] if isinstance(node, yaml.ScalarNode) else []


def _resolve(root: yaml.Node, resources: Mapping[str, str]) -> list[tuple[int, Place, str]]:
    """Put the resources' names in place; gives those that are missing."""
    missing: list[tuple[int, Place, str]] = []
    for scalar in _scalars(root):
        for name in _RESOURCE.findall(scalar.value):
            variable = environment_variable(name)
            if resources.get(variable):
                scalar.value = scalar.value.replace(f"${{{name}}}", resources[variable])
            else:
                missing.append((scalar.start_mark.line + 1, (), f"${{{name}}} needs {variable} in the environment"))
    return missing


def _located(root: yaml.Node, error: ValidationError) -> list[tuple[int, Place, str]]:
    from rightsdesk.domain.datamap_check import DataMapProblems

    found: list[tuple[int, Place, str]] = []
    for detail in error.errors(include_url=False, include_input=False):
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, DataMapProblems):
            found += [(_line(root, p.path), p.path, p.message) for p in cause.problems]
        else:
            place = _written(root, detail["loc"])
            found.append((_line(root, place), place, detail["msg"].removeprefix("Value error, ")))
    return found


def _written(root: yaml.Node, location: Sequence[str | int]) -> Place:
    """The place without what pydantic adds to it and nobody wrote: the kind of a union, `[key]`."""
    node: yaml.Node | None = root
    place: list[str | int] = []
    for position, step in enumerate(location):
        child = _child(node, step)
        if child is None and isinstance(node, yaml.MappingNode):
            is_kind = any(isinstance(value, yaml.ScalarNode) and value.value == step for _, value in node.value)
            if is_kind and position < len(location) - 1:
                continue
        place.append(step)
        node = child or node
    return tuple(step for step in place if step != "[key]")


def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    return None


def _line(root: yaml.Node, place: Place) -> int:
    """The line of the key at this place, or of the nearest thing above it that is in the file."""
    node: yaml.Node = root
    line = 1
    for step in place:
        child = _child(node, step)
        if child is None:
            break
        if isinstance(node, yaml.MappingNode):
            line = next(key.start_mark.line + 1 for key, value in node.value if value is child)
        else:
            line = child.start_mark.line + 1
        node = child
    return line


def _error_of_both(
    data_map: tuple[Path, yaml.Node], register: tuple[Path, yaml.Node], error: ValidationError
) -> MerchantFileError:
    """Each problem in the file in which it was written."""
    key = yaml.ScalarNode("", _REGISTERED, register[1].start_mark)
    joined = yaml.MappingNode("", [*data_map[1].value, (key, register[1])])
    found = _located(joined, error)
    theirs = [
        (_line(register[1], place[1:]), place[1:], said) for _, place, said in found if place[:1] == (_REGISTERED,)
    ]
    ours = [(_line(data_map[1], place), place, said) for _, place, said in found if place[:1] != (_REGISTERED,)]
    parts = [_error(path, each) for path, each in ((data_map[0], ours), (register[0], theirs)) if each]
    return MerchantFileError("\n".join(map(str, parts)))


def _error(path: Path, problems: list[tuple[int, Place, str]]) -> MerchantFileError:
    lines = []
    for line, place, message in sorted(problems, key=lambda problem: problem[0]):
        where = ".".join(map(str, place))
        lines.append(f"{path.name}:{line}: {where}: {message}" if where else f"{path.name}:{line}: {message}")
    return MerchantFileError("\n".join(lines))
