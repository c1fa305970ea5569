"""Evidence of closed cases, signed by a key that a test holds."""

import base64
import io
import zipfile
from collections.abc import Mapping

from rightsdesk.domain.recipients import Recipient
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.build_evidence import build_evidence
from tests.support.correcting import NAME, fill, telling_map
from tests.support.desk import Desk
from tests.support.fake_signer import FakeSigner
from tests.support.play import Play

AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))


def evidence_of(desk: Desk, case: PrivacyRequest, signer: FakeSigner) -> bytes:
    """The bundle, as an auditor gets it."""
    made = build_evidence(
        AUDITOR,
        case.reference,
        find=desk.staff.find,
        cases=desk.cases,
        notices=desk.notices,
        signer=signer,
        clock=desk.clock,
    )
    return base64.b64decode(made.bundle)


PRINTER = "privacy@printer.example"


def told_two_recipients() -> Play:
    """A correction that is closed: the carrier and the printer were told of it by mail, each once."""
    recipients = telling_map().recipients
    by_mail = {"connector": {"kind": "mail", "address": PRINTER}}
    printer = Recipient.model_validate(recipients["printer"].model_dump() | by_mail)
    data_map = telling_map().model_copy(update={"recipients": {**recipients, "printer": printer}})
    play = Play(types=(RequestType.RECTIFICATION,), corrections=(NAME,), data_map=data_map)
    fill(play)
    for _ in range(5):
        play.day()
    return play


def files_in(bundle: bytes) -> dict[str, bytes]:
    """The files of a bundle, by the name in their folder."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes], *, folder: str) -> bytes:
    """A ZIP that somebody else made."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{folder}/{name}", content)
    return stream.getvalue()
