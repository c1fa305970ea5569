"""Who a mail is from: addresses, never names (abuse cases 3 and 4), and nothing that breaks a line (56)."""

import pytest

from rightsdesk.domain.incoming_mail import MailAddress, MailFlag
from rightsdesk.domain.sender_trust import sender_of
from rightsdesk.mail.reading.addresses import read_addresses
from rightsdesk.mail.reading.read import read_mail
from tests.support.hostile_mails import HOSTILE, assert_can_be_kept, hostile_mail, lines_of

JANE, EVE = "jane@victim.example", "eve@attacker.example"

# sample -> (addresses, flags)
CASES: dict[str, tuple[list[str], set[MailFlag]]] = {
    "name_is_address": ([EVE], {MailFlag.NAME_IS_ADDRESS}),
    "encoded_address": (
        ["(unreadable)", EVE],
        {MailFlag.NAME_IS_ADDRESS, MailFlag.SEVERAL_SENDERS, MailFlag.DAMAGED},
    ),
    "encoded_bracket": (
        ["(unreadable)", EVE],
        {MailFlag.NAME_IS_ADDRESS, MailFlag.SEVERAL_SENDERS, MailFlag.DAMAGED},
    ),
    "comment_is_address": (
        ["(unreadable)", JANE],
        {MailFlag.NAME_IS_ADDRESS, MailFlag.SEVERAL_SENDERS, MailFlag.DAMAGED},
    ),
    "route": (["(unreadable)", JANE], {MailFlag.SEVERAL_SENDERS, MailFlag.DAMAGED}),
    "group_of_one": (["(unreadable)", JANE], {MailFlag.SEVERAL_SENDERS, MailFlag.DAMAGED}),
    "encoded_first": (["(unreadable)", JANE], {MailFlag.SEVERAL_SENDERS, MailFlag.NAME_IS_ADDRESS, MailFlag.DAMAGED}),
    "two": ([JANE, EVE], {MailFlag.SEVERAL_SENDERS}),
    "two_headers": ([JANE, EVE], {MailFlag.SEVERAL_SENDERS, MailFlag.DAMAGED}),
    "group": ([JANE, EVE], {MailFlag.SEVERAL_SENDERS}),
    "missing": ([], {MailFlag.NO_SENDER, MailFlag.REPLY_TO_DIFFERS}),
    "differs": ([JANE], {MailFlag.SENDER_DIFFERS}),
    "reply_to": ([JANE], {MailFlag.REPLY_TO_DIFFERS}),
    "mixed_scripts": ([JANE], {MailFlag.MIXED_SCRIPTS}),
    "two_at": (["a@b@c"], {MailFlag.NO_SENDER, MailFlag.DAMAGED}),
    "open_quote": (["(unreadable)", "jane@customer.example"], {MailFlag.SEVERAL_SENDERS, MailFlag.DAMAGED}),
}


@pytest.mark.parametrize("name", CASES)
def test_a04_each_sender_is_read_and_what_is_odd_is_flagged(name: str) -> None:
    mail = hostile_mail(f"sender_{name}")
    addresses, flags = CASES[name]
    assert [sender.address for sender in mail.senders] == addresses
    assert mail.flags == flags


def test_a03_the_address_is_that_of_the_attacker_whatever_the_name_says() -> None:
    (sender,) = hostile_mail("sender_name_is_address").senders
    assert sender == MailAddress(address=EVE, name=JANE)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"Murphy, Jane <j@x.example>", [("Murphy, Jane", "j@x.example")]),
        (b"j@x.example (Jane (of Cork))", [("Jane (of Cork)", "j@x.example")]),
        (b'"jane murphy"@x.example', [("", '"jane murphy"@x.example')]),
        (b"<@relay.example:j@x.example>", [("", "j@x.example")]),
        (b"undisclosed-recipients:;", []),
        (b"<a@x.example> <b@x.example>", [("", "a@x.example"), ("", "b@x.example")]),
        (b'"a\\"b, c" <j@x.example>', [('a"b, c', "j@x.example")]),
        (b"Jane <j@x.example", [("Jane", "j@x.example")]),
        (b"<>", [("", "(unreadable)")]),
        (b"Jane", [("", "Jane")]),
        (b"", []),
    ],
)
def test_addresses_of_all_shapes(raw: bytes, found: list[tuple[str, str]]) -> None:
    assert [(one.name, one.address) for one in read_addresses([raw]).found] == found


@pytest.mark.parametrize(
    ("header", "mixed"),
    [
        ("J\u0430ne <j@x.example>", True),
        ("j@\u0435xample.com", True),
        ("j@xn--xample-2of.com", True),  # the same, as a mail server writes it
        ("Анна Каренина <anna@x.example>", False),
        ("Анна Murphy <a@x.example>", False),
        ("山田Hanako <h@x.example>", False),
    ],
)
def test_a04_letters_of_several_scripts_in_one_word_are_flagged(header: str, mixed: bool) -> None:
    mail = read_mail(f"From: {header}\r\n\r\nx".encode())
    assert (MailFlag.MIXED_SCRIPTS in mail.flags) is mixed


def test_a56_nothing_that_comes_out_holds_a_line_break() -> None:
    mail = hostile_mail("header_line_breaks")
    assert_can_be_kept(mail)
    assert mail.subject == "Data Bcc: all@victim.example  body xy z"
    assert mail.message_id == "<ok@customer.example>"
    assert mail.references == ("<two@x>", "<one@x>")


@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\x00", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
@pytest.mark.parametrize(
    "header", ["Subject", "From", "Reply-To", "Message-ID", "References", "In-Reply-To", "List-Id"]
)
def test_a56_breaks_in_any_header_and_encoding(header: str, breaker: str) -> None:
    text = f"a{breaker}Bcc: b@x.example{breaker}"
    word = "=?utf-8?Q?" + "".join(f"={byte:02X}" for byte in text.encode()) + "?="
    for value in (text, word, f'"{text}" <a@x.example>', f"{word} <a@x.example>", f"<{text}@x>", f"<{'x' * 10_240}@x>"):
        mail = read_mail(f"{header}: {value}\r\n\r\nx".encode())
        assert_can_be_kept(mail)
        assert all("\r" not in line for line in lines_of(mail))


@pytest.mark.parametrize("path", sorted(HOSTILE.glob("*.eml")), ids=lambda path: path.stem)
def test_a56_every_sample_comes_out_clean(path: object) -> None:
    assert_can_be_kept(hostile_mail(getattr(path, "stem", "")))


def test_a_header_that_python_cannot_read_is_flagged_and_no_more() -> None:
    mail = hostile_mail("header_broken_message_id")
    assert (mail.message_id, mail.references) == ("", ())
    assert mail.flags == {MailFlag.DAMAGED}
    assert mail.text == "x"


def test_the_first_of_two_subjects_counts() -> None:
    mail = hostile_mail("header_twice")
    assert mail.subject == "first"
    assert mail.flags == {MailFlag.DAMAGED}


def test_references_begin_with_what_is_answered_and_go_back_in_time() -> None:
    mail = read_mail(b"References: <1@x> <2@x>\r\n <3@x>\r\nIn-Reply-To: <2@x> (of Monday)\r\n\r\nx")
    assert mail.references == ("<2@x>", "<3@x>", "<1@x>")


def test_a_text_without_any_header_is_read() -> None:
    mail = hostile_mail("header_none")
    assert mail.text == "これはヘッダーのないメールです。"
    assert {MailFlag.NO_SENDER, MailFlag.DAMAGED} <= mail.flags


@pytest.mark.parametrize(
    "raw",
    [
        b"From: jane@victim.example\r\nno field\r\nFrom: eve@attacker.example\r\n\r\nx",
        b"From: jane@victim.example\r\nX: a\rFrom: eve@attacker.example\r\n\r\nx",
        b"From: jane@victim.example\r\n" + b"X: a\r\n" * 1_100 + b"From: eve@attacker.example\r\n\r\nx",
        b"From: jane@victim.example\r\nFrom : eve@attacker.example\r\n\r\nx",
        b"From: jane@victim.example" + b" " * 20_000 + b", eve@attacker.example\r\n\r\nx",
        b'From: "<jane@victim.example> ' + b"x" * 20_000 + b'" <eve@attacker.example>\r\n\r\nx',
        b'From: "<jane@victim.example> <eve@attacker.example>\r\n\r\nx',
        b"From: (<eve@attacker.example> jane@victim.example\r\n\r\nx",
        b"From: jane@victim.example\r\nFROM: eve@attacker.example\r\n\r\nx",
    ],
)
def test_a02_no_trick_leaves_the_victim_as_the_only_sender(raw: bytes) -> None:
    """SES may have judged the other address of these: what it says of the sender must not count for the victim's."""
    mail = read_mail(raw)
    assert MailFlag.SEVERAL_SENDERS in mail.flags
    assert len(mail.senders) > 1


# Forms of which readers make different things: the mail service may have judged another domain than the victim's.
READ_IN_SEVERAL_WAYS = [
    "jane@victim.example(<evil@evil.example>)",
    "jane@victim.example (evil@evil.example)",
    "jane@victim.example (=?utf-8?q?evil=40evil.example?=)",
    "jane@victim.example(.evil.example)",
    "jane@victim.example (a (nested) one)",
    "(evil) jane@victim.example",
    "jane(evil)@victim.example",
    "jane@(evil)victim.example",
    "<jane@victim.example(evil)>",
    "Jane (evil@evil.example) <jane@victim.example>",
    "Jane (=?utf-8?q?evil=40evil.example?=) <jane@victim.example>",
    "Jane (evil＠evil.example) <jane@victim.example>",
    "Jane (a (nested) one) <jane@victim.example>",
    "Jane (<evil) <jane@victim.example>",
    "Jane (\x0b) <jane@victim.example>",
    "Jane (evil: <jane@victim.example>",
    "evil@evil.example <jane@victim.example>",
    "'evil@evil.example' <jane@victim.example>",
    "jane@victim.example.evil.example <jane@victim.example>",
    "'jane@victim.example, evil@evil.example' <jane@victim.example>",
    "jane@victim.example, jane@victim.example <jane@victim.example>",
    "jane@victim.example evil <jane@victim.example>",
    "Jane <jane@victim.example> (evil@evil.example)",
    "<@evil.example:jane@victim.example>",
    "<@a.example,@evil.example:jane@victim.example>",
    "evil.example:<jane@victim.example>",
    "evil.example:jane@victim.example;",
    "jane@victim.example;",
    "jane@victim.example,",
    ",jane@victim.example",
    "Murphy, Jane <jane@victim.example>, evil",
    "evil.example, Jane <jane@victim.example>",
    "evil\u3002example, Jane <jane@victim.example>",
    "=?utf-8?q?evil.example=2C?= (Work) <jane@victim.example>",
    "evil@evil.example, Jane <jane@victim.example>",
    "Murphy, =?utf-8?q?evil=40evil.example?= <jane@victim.example>",
    "Murphy, evil＠evil <jane@victim.example>",
    "Murphy, team: Jane <jane@victim.example>;",
    "Jane [evil@evil.example] <jane@victim.example>",
    "Jane [Acme] <jane@[victim.example]>",
    "Jane [Acme] <@evil.example:jane@victim.example>",
    "=?utf-8?q?evil=40evil.example?=, jane@victim.example",
    "=?utf-8?q?evil=40evil.example?= <jane@victim.example>",
    "=?utf-8?q?evil=40evil.example=2C?= <jane@victim.example>",
    "=?utf-8?q?=3Cevil=40evil.example=3E?= <jane@victim.example>",
    '"<evil@evil.example>" <jane@victim.example>',
    '"<jane@victim.example.evil.example>" <jane@victim.example>',
    '"\\"<evil@evil.example>" <jane@victim.example>',
    "<jane@victim.example> evil.example",
    "Jane <jane@victim.example",
    "Jane jane@victim.example>",
    "<<jane@victim.example>>",
    "jane＠victim.example",
    "Jane <jane@ｖictim.example>",
    "Jane <jane@victim\u3002example>",
    "Jane\x0b <jane@victim.example>",
    "\u00a0jane@victim.example",
    "<ｊane@victim.example>",
]


@pytest.mark.parametrize("value", READ_IN_SEVERAL_WAYS)
def test_a02_who_can_be_read_in_several_ways_is_nobody_to_trust(value: str) -> None:
    mail = read_mail(f"From: {value}\r\n\r\nx".encode())
    assert sender_of(mail) is None
    assert mail.flags & {MailFlag.SEVERAL_SENDERS, MailFlag.NO_SENDER}


@pytest.mark.parametrize(
    "value",
    [
        "jane@victim.example",
        "<jane@victim.example>",
        "Jane<jane@victim.example>",
        "Jane Q. Murphy <jane@victim.example>",
        "Jane\r\n Murphy\r\n\t<jane@victim.example>",
        "O'Murphy-Smith & Co. <jane@victim.example>",
        "山田 花子 <jane@victim.example>",
        "山田花子（営業）<jane@victim.example>",
        '"Murphy, Jane" <jane@victim.example>',
        '"Jane (Work) Murphy" <jane@victim.example>',
        '"Jane \\"JJ\\" Murphy" <jane@victim.example>',
        '"jane@victim.example" <jane@victim.example>',
        "=?utf-8?q?jane=40victim.example?= <jane@victim.example>",
        '"Jane (jane@victim.example)" <Jane@victim.example>',
        "\"'jane@victim.example' via Team\" <jane@victim.example>",
        '"" <jane@victim.example>',
        "=?iso-2022-jp?B?GyRCOjRGIzJWO1IbKEI=?= <jane@victim.example>",
        "=?utf-8?q?J=C3=BCrgen?= =?utf-8?q?_M=2E?= <jane@victim.example>",
        '"=?utf-8?q?Murphy=2C_Jane?=" <jane@victim.example>',
        "=?utf-8?q?=E7=94=B0=E4=B8=AD=40=E7=B7=8F=E5=8B=99?= <jane@victim.example>",  # 田中@総務
        "jane@victim.example (Jane Murphy)",
        "jane@victim.example (=?utf-8?q?J=C3=A4ne?=)",
        "Jane <jane@victim.example> (Work)",
        "Jane (Work) <jane@victim.example>",
        "Jane (Work) Murphy <jane@victim.example> (Cork)",
        "jane@victim.example <jane@victim.example>",
        "Jane@Victim.example <jane@victim.example>",
        "'jane@victim.example' <jane@victim.example>",
        "Murphy, Jane <jane@victim.example>",
        "Murphy, Jane Q. (Sales) <jane@victim.example>",
        "=?utf-8?q?M=C3=BCller=2C_J=C3=BCrgen?= [Acme] <jane@victim.example>",
        "Jane [Acme] <jane@victim.example>",
    ],
)
def test_a02_forms_of_every_day_name_one_sender(value: str) -> None:
    mail = read_mail(f"From: {value}\r\n\r\nx".encode())
    assert sender_of(mail) == JANE
    assert MailFlag.DAMAGED not in mail.flags


@pytest.mark.parametrize("address", ['"jane murphy"@x.example', "jane+a=b@x.example", "a..b.@x.example"])
def test_a02_a_local_part_says_nothing_of_the_domain(address: str) -> None:
    (sender,) = read_mail(f"From: {address}\r\n\r\nx".encode()).senders
    assert sender.address == address  # and with two dots, it is none


def test_a02_other_headers_may_name_addresses_as_they_like() -> None:
    mail = read_mail(b"From: jane@victim.example\r\nReply-To: <@relay.example:jane@victim.example>\r\n\r\nx")
    assert mail.flags == set()


@pytest.mark.parametrize("control", ["\x00", "\r", "\x0b", "\x7f", "\x85", "\u2028", "\ufeff"])
def test_a01_no_address_comes_to_be_by_losing_a_letter(control: str) -> None:
    for text in (f"jane@vic{control}tim.example", f"Jane <ja{control}ne@victim.example>"):
        (sender, *_) = read_mail(f"From: {text}\r\n\r\nx".encode()).senders
        assert sender.address != "jane@victim.example"
        assert MailFlag.NO_SENDER in read_mail(f"From: {text}\r\n\r\nx".encode()).flags
