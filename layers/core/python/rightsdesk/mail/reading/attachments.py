"""Attachments: names that can be shown and stored, and which of them could do something (abuse case 71).

The name is the sender's word. Where a file is stored it has a random name; this one is only for showing.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from rightsdesk.domain.incoming_mail import Attachment, MailFlag
from rightsdesk.mail.reading.parts import Part
from rightsdesk.mail.reading.plain import has_something_to_see, plain_line, words

MOST_ATTACHMENTS = 25
NAME_CHARACTERS = 120
_LONGEST_EXTENSION = 20

_USUAL_NAMES = {
    "message/rfc822": "mail.eml",
    "message/delivery-status": "delivery-status.txt",
    "text/rfc822-headers": "headers.txt",
    "text/calendar": "invitation.ics",
    "text/html": "text.html",
    "text/plain": "text.txt",
    "application/pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/ms-tnef": "winmail.dat",
    "application/pdf": "document.pdf",
    "image/jpeg": "image.jpg",
    "image/png": "image.png",
    "image/gif": "image.gif",
}
_TYPES = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")

_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?")
_NOT_IN_NAMES = re.compile('[<>:"/\\\\|?*]')

# Whatever could run, or be read as a page or as markup with references.
_ACTIVE = words(
    "exe,scr,com,bat,cmd,pif,msi,msp,msc,js,jse,mjs,vbs,vbe,wsf,wsh,wsc,hta,ps1,psm1,jar,lnk,dll,cpl,reg,inf,scf,url,"
    "docm,dotm,xlsm,xltm,xlam,xlsb,pptm,potm,ppam,ppsm,sldm,one,html,htm,xhtml,shtml,mht,mhtml,svg,svgz,xml,xsl,xslt,"
    "xht,iso,img,vhd,vhdx,apk,app,dmg,pkg,deb,rpm,sh,bash,py,pyw,pl,php,rb,swf,chm,application,appref-ms,settingcontent-ms,"
    "library-ms,search-ms,xll,ade,adp,accde,mde,gadget,ocx,sys,bin,run,elf,class"
)
_ARCHIVES = words("zip,rar,7z,gz,tgz,bz2,xz,tar,cab,ace,arj,lzh,lha,z,zst")
_ACTIVE_TYPES = words(
    "text/html,application/xhtml+xml,image/svg+xml,text/xml,application/xml,application/javascript,text/javascript,"
    "text/x-amp-html,application/x-msdownload,application/x-msdos-program,application/x-dosexec,application/x-sh,"
    "application/x-shockwave-flash,application/hta,application/java-archive,"
    "application/vnd.ms-word.document.macroenabled.12,application/vnd.ms-excel.sheet.macroenabled.12"
)
_ACTIVE_BEGINNINGS = (
    *(b"mz", b"\x7felf", b"#!", b"<html", b"<!doctype", b"<svg", b"<?xml", b"<script"),
    b"l\x00\x00\x00\x01\x14",  # a link of Windows, in small letters like all of these
)


def read_attachments(parts: Iterable[Part]) -> tuple[tuple[Attachment, ...], frozenset[MailFlag]]:
    """The first `MOST_ATTACHMENTS` of them, under names of which no two are the same."""
    flags: set[MailFlag] = set()
    read: list[Attachment] = []
    taken: set[str] = set()
    for part in parts:
        if len(read) == MOST_ATTACHMENTS:
            flags.add(MailFlag.TOO_MANY_ATTACHMENTS)
            break
        content, damaged = part.content()
        media_type = part.media_type if _TYPES.fullmatch(part.media_type) else "application/octet-stream"
        name = _not_taken(clean_name(part.name, media_type), taken)
        attachment = Attachment(name=name, media_type=media_type, content=content)
        read.append(attachment)
        flags.update(_flags(attachment), {MailFlag.DAMAGED} if damaged else ())
    return tuple(read), frozenset(flags)


def clean_name(given: str, media_type: str) -> str:
    """The base name alone, without what a file system or a reader could be deceived with, and with its extension."""
    line = plain_line(given.replace("\x00", ""), limit=4_000)
    base = line.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in base if unicodedata.category(letter) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    name = _NOT_IN_NAMES.sub("_", shown).strip(" .")
    if not has_something_to_see(name) or not name.strip("._ "):
        name = _USUAL_NAMES.get(media_type, "attachment")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(name, NAME_CHARACTERS)


def _shortened(name: str, limit: int, number: str = "") -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > _LONGEST_EXTENSION:
        stem, dot, extension = name, "", ""
    return f"{stem[: limit - len(number) - len(dot) - len(extension)].rstrip(' .')}{number}{dot}{extension}"


def _not_taken(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = _shortened(name, NAME_CHARACTERS, f" ({number})")
    taken.add(free.casefold())
    return free


def _flags(attachment: Attachment) -> Iterator[MailFlag]:
    *others, extension = attachment.name.casefold().split(".")
    is_double = extension in _ARCHIVES and len(others) > 1 and 2 <= len(others[-1]) <= 5
    begin = attachment.content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    has_macros = attachment.content.startswith(b"PK") and b"vbaProject.bin" in attachment.content
    named = extension in _ACTIVE or (is_double and others[-1] != "tar")
    if named or attachment.media_type in _ACTIVE_TYPES or begin.startswith(_ACTIVE_BEGINNINGS) or has_macros:
        yield MailFlag.ACTIVE_ATTACHMENT
    if attachment.media_type == "text/calendar" or extension == "ics":
        yield MailFlag.CALENDAR
    if attachment.media_type in ("application/ms-tnef", "application/vnd.ms-tnef") or attachment.name == "winmail.dat":
        yield MailFlag.WINMAIL
    if attachment.media_type in ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"):
        yield MailFlag.ENCRYPTED
