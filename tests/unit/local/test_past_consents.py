"""Files of consents as a shop has them: each line by its number, and what is wrong by field and never by value."""

# serves: P-03

import hashlib
from pathlib import Path

import pytest

from local.commands._past_consents import read_lines
from local.running import RefusedError

HEADER = "subject,purpose,state,at,text_version,language\n"
GOOD = "email:hana@example.jp,newsletter,given,2024-03-01T09:00:00+09:00,,ja\n"


def problems(path: Path) -> list[tuple[int, str, str]]:
    return [(line.place.line, each.field, each.reason) for line in read_lines(path) for each in line.problems]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    csv = written(tmp_path, "a.csv", f"\ufeff{HEADER}{GOOD}".replace("\n", "\r\n"))
    lines = written(
        tmp_path,
        "a.jsonl",
        '\ufeff{"subject": "email:hana@example.jp", "purpose": "newsletter", "state": "given", "text_version": null,'
        ' "at": "2024-03-01T00:00:00Z", "language": "ja"}\n\n',
    )
    (of_csv,), (of_lines,) = read_lines(csv), read_lines(lines)
    assert of_csv.past == of_lines.past is not None
    assert (of_csv.place.file, of_csv.place.line, of_lines.place.line) == ("a.csv", 2, 1)
    assert of_csv.place.sha256 == hashlib.sha256(csv.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("canary@example.jp,newsletter,given,2024-03-01T09:00:00Z,,", "subject", "wrong_format"),
        (",newsletter,given,2024-03-01T09:00:00Z,,", "subject", "missing"),
        ("email:canary@example.jp,,given,2024-03-01T09:00:00Z,,", "purpose", "missing"),
        ("email:canary@example.jp,News Letter,given,2024-03-01T09:00:00Z,,", "purpose", "wrong_format"),
        ("email:canary@example.jp,newsletter,yes,2024-03-01T09:00:00Z,,", "state", "not_a_choice"),
        ("email:canary@example.jp,newsletter,given,2024-03-01T09:00:00,,", "at", "invalid"),
        ("email:canary@example.jp,newsletter,given,1709280000,,", "at", "invalid"),
        ("email:canary@example.jp,newsletter,given,01/03/2024,,", "at", "invalid"),
        ("email:canary@example.jp,newsletter,given,2024-03-01T09:00:00Z,a b,", "text_version", "wrong_format"),
        ("email:canary@example.jp,newsletter,given,2024-03-01T09:00:00Z,,fr", "language", "not_a_choice"),
        ("email:canary@example.jp,newsletter,given,2024-03-01T09:00:00Z,,,canary", "line", "too_many_cells"),
    ],
)
def test_a_line_that_is_not_right_is_named_by_number_and_field(
    line: str, field: str, reason: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "a.csv", f"{HEADER}{GOOD}\n{line}\n{GOOD}")
    found = problems(path)
    assert found == [(4, field, reason)]
    assert "canary" not in repr(found)
    assert [each.past is not None for each in read_lines(path)] == [True, False, True]


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        ("nonsense", "body", "not_json"),
        ("[]", "body", "not_an_object"),
        ('{"subject": "email:a@example.jp", "subject": "email:b@example.jp"}', "subject", "duplicate"),
        (
            '{"subject": "email:a@example.jp", "purpose": "newsletter", "at": "2024-03-01T09:00:00Z", "ip": "1.2.3.4"}',
            "ip",
            "unknown_field",
        ),
        ('{"subject": "email:a@example.jp", "purpose": "newsletter", "at": 1709280000}', "at", "invalid"),
    ],
)
def test_json_is_read_without_mercy(line: str, field: str, reason: str, tmp_path: Path) -> None:
    assert problems(written(tmp_path, "a.jsonl", f"\n{line}\n")) == [(2, field, reason)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""),
        ("a.csv", "email,newsletter\n"),
        ("a.csv", "subject,purpose,at,at\n"),
        ("a.csv", "subject,purpose,at,ip_address\n"),
        ("a.csv", f"{HEADER}山田".encode("shift_jis")),
        ("a.csv", f'{HEADER}"email:a'),
        ("a.xlsx", f"{HEADER}{GOOD}"),
        ("of hana@example.jp.csv", f"{HEADER}{GOOD}"),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(name: str, content: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        read_lines(written(tmp_path, name, content))
    assert "hana" not in str(refused.value)
