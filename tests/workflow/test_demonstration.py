"""What `make demo` plays, on the real template: the pages, the mails and the desk lead where it says they do."""

from pathlib import Path

import pytest

from local.commands.demo import went_well
from local.journey import Journey
from local.runtime import LocalStack
from rightsdesk.domain.request import Language


@pytest.mark.parametrize(
    ("language", "member"),
    [
        ("en", {"email": "maria@example.de", "name": "Maria Schmidt", "country": "DE"}),
        ("ja", {"email": "hanako@example.jp", "name": "佐藤花子", "country": "JP"}),
    ],
)
def test_a_copy_and_an_erasure_are_played_to_their_end(
    language: Language, member: dict[str, str], tmp_path: Path
) -> None:
    with LocalStack.boot(members=20) as stack:
        journey = Journey(stack.url, into=tmp_path, fetch_url=stack.local_url)
        played = journey.play(language=language, **member)
        assert played.verified
        assert Path(played.export).is_file()
        erased = journey.erase(language=language, **member)
    assert went_well(played, erased)
