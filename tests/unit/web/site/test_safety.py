"""What must not work: oracles, prefetching, foreign forms, poisoned hosts, markup and tricks in what is typed."""

import base64
import gzip
import re
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.reference import new_reference
from rightsdesk.web.pages import PAGES, REQUEST_PAGES
from tests.support.site_client import FORM, HOST, Received, SiteClient, rest_event

DETAILS = "/en/your-details"
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "{{7*7}} {% raw %} ${jndi:ldap://x} %s %(name)s {0} {name}",
    "javascript:alert(1)",
    "</textarea></title><b>",
    "&lt;b&gt;",
]


def without_secrets(answer: Received, *references: str) -> tuple[Any, ...]:
    body = re.sub(r'(?<=name="csrf" value=")[^"]+', "", answer.body)
    for reference in references:
        body = body.replace(reference, "RD")
    headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
    for name in ("Location",):
        headers[name] = headers.get(name, "").replace(references[0] if references else "\0", "RD")
    return answer.status, body, headers, len(answer.headers.get("Set-Cookie", "")) > 0


def test_a17_a_known_and_an_unknown_person_get_the_same_pages_and_mails() -> None:
    """The pages ask the desk alone, and in one way: nothing in them depends on who it is."""

    def journey(email: str) -> tuple[list[Any], list[str], int]:
        client = SiteClient()
        reference = client.make_request(email=email)
        pages = [client.get("/en/sent"), client.get(f"/en/requests/{reference}/confirm")]
        pages.append(client.fill(f"/en/requests/{reference}/confirm", {"code": "00000000"}))
        seen = [without_secrets(page, reference) for page in pages]
        return [(s, b.replace(email, ""), h, c) for s, b, h, c in seen], client.fake.calls, len(client.fake.mails)

    assert journey("known@example.jp") == journey("nobody@example.jp")


def test_a18_a_guessed_reference_looks_like_a_real_one() -> None:
    client = SiteClient()
    real, guessed = client.make_request(), new_reference()

    def seen(reference: str) -> list[Any]:
        client.cookie = ""
        path = f"/en/requests/{reference}"
        answers = [client.get(path), client.fill(path), client.get(path)]
        answers.append(client.fill(path, {"code": "00000000"}, at=f"{path}/code"))
        return [without_secrets(answer, reference) for answer in answers]

    assert seen(real) == seen(guessed)
    assert len(client.fake.mails) == 2  # of the request, and of the real reference


def test_a26_no_address_in_a_mail_does_anything_when_it_is_fetched() -> None:
    client = SiteClient()
    reference = client.make_request()
    client.open_request(reference)
    client.fake.answer(reference)
    code = client.fake.last_code("aiko@example.jp")
    calls = list(client.fake.calls)
    cookie = client.cookie
    addresses = ["/", "/en", "/ja", *(f"/en/{name}" for name in PAGES), f"/en/requests/{reference}"]
    addresses += [f"/en/requests/{reference}/{name}" for name in REQUEST_PAGES]
    for address in addresses:
        for given_cookie in ("", cookie):
            for method in ("GET", "HEAD", "OPTIONS"):
                client.cookie = given_cookie
                headers = {"Purpose": "prefetch"} | ({"Cookie": given_cookie} if given_cookie else {})
                answer = client.send(rest_event(method, address, headers=headers))
                assert answer.status in (200, 302, 303, 404, 405)
                assert "aiko" not in answer.body
                if not given_cookie and "Set-Cookie" in answer.headers:  # a secret for the form, and no session
                    client.cookie = answer.headers["Set-Cookie"].partition(";")[0]
                    assert "Open your request" in client.get(f"/en/requests/{reference}").title
    assert set(client.fake.calls[len(calls) :]) == {"view"}
    assert len(client.fake.mails) == 2
    assert client.fake.cases[reference].package is not None
    assert code == client.fake.last_code("aiko@example.jp")


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/en", "/ja/your-request", "/en/accessibility", "/en/nothing", "/static/nothing.css"),
        *("/en/requests/RD-28T5-CY4G-M", "/en/requests/RD-28T5-CY4G-M/resend", "/en/not-mine/abc", "/en/notices/abc"),
    ],
)
def test_a26_a_head_is_a_get_of_which_nothing_is_shown(address: str) -> None:
    client = SiteClient()
    got, asked = (client.send(rest_event(method, address)) for method in ("GET", "HEAD"))
    assert asked.body == ""
    shown, told = without_secrets(got), without_secrets(asked)
    assert (told[0], *told[2:]) == (shown[0], *shown[2:])


def test_a_head_of_a_static_file_has_its_type() -> None:
    client = SiteClient()
    file = re.search(r'href="(/static/[^"]+\.css)"', client.get("/en").body)
    assert file is not None
    answer = client.send(rest_event("HEAD", file[1]))
    assert (answer.status, answer.body, answer.headers["Content-Type"][:8]) == (200, "", "text/css")


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"])
def test_a31_no_header_gets_into_an_address(header: str) -> None:
    client = SiteClient()
    client.fill("/en/your-request", {"types": "access"})
    answer = client.get("/en/where-you-live", **{header: "evil.example"})
    assert "evil" not in answer.body + str(answer.headers)
    assert answer.status == (400 if header == "Host" else 200)
    assert "evil" not in str(client.get("/", **{header: "evil.example"}).headers)


def test_a31_a_host_is_read_without_case_and_with_no_more_mercy() -> None:
    client = SiteClient()
    assert client.get("/en", Host=HOST.upper()).status == 200
    for host in (f"{HOST}.", f"{HOST}:8443", f"x.{HOST}", f"{HOST}@evil.example", ""):
        assert client.get("/en", Host=host).status == 400


def test_a32_who_has_shown_a_code_gets_a_new_cookie_and_a_new_secret() -> None:
    client = SiteClient()
    reference = client.make_request()
    path = f"/en/requests/{reference}"
    before = client.get(f"{path}/confirm").secret
    planted = client.cookie
    client.fill(f"{path}/confirm", {"code": client.fake.last_code("aiko@example.jp")})
    confirmed = client.get(f"{path}/code").secret
    client.open_request(reference)
    opened = client.get(f"{path}/code").secret
    assert len({before, confirmed, opened}) == 3
    client.cookie = planted  # who planted it sees nothing
    assert "Open your request" in client.get(path).title
    for flags in client.set_cookies:
        assert flags.endswith("; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"http://{HOST}"},
        {"Origin": f"https://{HOST}."},
        {"Origin": f"https://{HOST}:8443"},
        {"Origin": "https://evil.example", "Content-Type": "text/plain"},
        {"Origin": "https://evil.example", "Content-Type": "application/json"},
    ],
)
def test_a33_a_form_from_anywhere_else_is_refused(headers: dict[str, str]) -> None:
    client = SiteClient()
    client.answer_all()
    secret = client.get("/en/check-your-answers").secret
    answer = client.post("/en/check-your-answers", f"csrf={secret}", **headers)
    assert (answer.status, client.fake.calls) == (403, [])
    assert "Set-Cookie" not in answer.headers


def test_a33_a_site_of_two_addresses_takes_its_forms_at_both() -> None:
    """A domain of its own, and the address that the gateway has by itself: links name the first."""
    client = SiteClient(base_url="https://data.shop.example")
    for origin in ("https://data.shop.example", f"https://{HOST}"):
        secret = client.get("/en/your-request").secret
        assert client.post("/en/your-request", f"csrf={secret}&types=access", Origin=origin).status == 303
    assert client.post("/en/your-request", f"csrf={secret}&types=access", Origin=f"http://{HOST}").status == 403


def test_a33_a_form_without_an_origin_is_refused() -> None:
    client = SiteClient()
    client.answer_all()
    secret = client.get("/en/check-your-answers").secret
    headers = {"Content-Type": FORM, "Cookie": client.cookie}
    event = rest_event("POST", "/en/check-your-answers", headers=headers, body=f"csrf={secret}")
    assert (client.send(event).status, client.fake.calls) == (403, [])


def test_a33_a_form_without_the_secret_or_with_anothers_is_refused() -> None:
    client, other = SiteClient(), SiteClient()
    client.answer_all()
    own, foreign = client.get("/en/check-your-answers").secret, other.get(DETAILS).secret
    for body in ("", "csrf=", f"csrf={foreign}", f"csrf={own[:-1]}", f"csrf={own}&csrf={own}", "csrf=%C3%B6"):
        assert client.post("/en/check-your-answers", body).status == 403
    client.cookie = ""
    assert client.post("/en/check-your-answers", f"csrf={own}").status == 403
    assert client.fake.calls == []


def test_a33_every_form_is_guarded() -> None:
    client = SiteClient()
    reference = client.make_request()
    client.open_request(reference)
    calls = list(client.fake.calls)
    pages = {f"/en/{name}": page for name, page in PAGES.items()}
    pages |= {f"/en/requests/{reference}/{name}": page for name, page in REQUEST_PAGES.items()}
    guarded = [address for address, page in pages.items() if page.receive]
    assert len(guarded) == 20
    for address in guarded:
        assert client.post(address, "csrf=x").status == 403
        assert client.post(address, "", Origin="https://evil.example").status == 403
    assert client.fake.calls == calls


@pytest.mark.parametrize("path", ["/", "/en", DETAILS, "/en/nothing", "/xx", "/static/nothing.css", "/en/sent"])
def test_a34_every_answer_has_all_headers(path: str) -> None:
    headers = SiteClient().get(path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_a34_no_parameter_leads_anywhere_else() -> None:
    client = SiteClient()
    event = rest_event("GET", "/en/sent", headers={})
    event["queryStringParameters"] = {"next": "https://evil.example", "lang": "../../x", "return_to": "//evil.example"}
    assert client.send(event).headers["Location"] == "/en/my-request"


def test_style_and_icon_are_kept_by_their_digest_and_nothing_else_is_served() -> None:
    client = SiteClient()
    page = client.get("/en").body
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    answer = client.get(style)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(r"@import|url\(|https?:", answer.body)
    assert re.fullmatch(r"/static/site\.[0-9a-f]{12}\.css", style)
    for address in ("site.css", "site.000000000000.css", "../site.py", "..%2fsite.py", "%2e%2e", "."):
        assert client.get(f"/static/{address}").status == 404


def test_nothing_comes_from_elsewhere_and_no_page_has_script_or_inline_style() -> None:
    client = SiteClient()
    reference = client.make_request()
    bodies = [client.get("/en/sent").body, client.open_request(reference).body]
    client.fake.answer(reference)
    paths = ("", "/your-details", f"/requests/{reference}", f"/requests/{reference}/download")
    bodies += [client.get(f"/en{path}").body for path in paths]
    for body in bodies:
        assert not re.search(r"<script|<style|style=|<iframe|<object| on\w+=|javascript:", body)
        assert not re.search(r'src="(?!/static/)', body)
        links = set(re.findall(r'href="(https?://[^"]+)"', body))
        assert links == {"https://shop.example/en/privacy"}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        f"{FORM}; charset=utf-7",
        f"{FORM}; charset=shift_jis",
        f"{FORM}, application/json",
        f"{FORM}x",
    ],
)
def test_a46_another_kind_of_body_is_refused(content_type: str) -> None:
    client = SiteClient()
    secret = client.get(DETAILS).secret
    answer = client.post(DETAILS, f"csrf={secret}&name=A", **{"Content-Type": content_type})
    assert answer.status == 415
    assert "Please use the form on our page" in answer.words


@pytest.mark.parametrize("content_type", [FORM.upper(), f"{FORM}; charset=UTF-8", f"{FORM};charset=utf-8"])
def test_a46_the_kind_of_a_form_is_read_without_case(content_type: str) -> None:
    client = SiteClient()
    secret = client.get("/en/your-request").secret
    answer = client.post("/en/your-request", f"csrf={secret}&types=access", **{"Content-Type": content_type})
    assert answer.status == 303


def test_a46_encoded_bodies() -> None:
    client = SiteClient()
    secret = client.get("/en/your-request").secret
    form = f"csrf={secret}&types=access"

    def send(body: str, *, encoded: bool, **headers: str) -> int:
        given = {"Origin": f"https://{HOST}", "Content-Type": FORM, "Cookie": client.cookie} | headers
        event = rest_event("POST", "/en/your-request", headers=given, body=body)
        event["isBase64Encoded"] = encoded
        return client.send(event).status

    assert send(base64.b64encode(form.encode()).decode(), encoded=True) == 303
    assert send(form, encoded=True) == 400
    assert send("ö", encoded=True) == 400
    bomb = base64.b64encode(gzip.compress(b"csrf=" + b"x" * 10_000_000)).decode()
    assert send(bomb, encoded=True, **{"Content-Encoding": "gzip"}) == 415
    assert send(bomb, encoded=True) == 400


@pytest.mark.parametrize(
    "event",
    [
        {"version": "2.0", "rawPath": "/en", "requestContext": {"http": {"method": "GET", "path": "/en"}}},
        {"Records": []},
        {"httpMethod": "GET", "path": None, "requestContext": {}},
        {"httpMethod": "GET", "path": "/en"},
        {},
    ],
)
def test_a46_an_event_of_another_kind_is_refused(event: dict[str, Any]) -> None:
    assert SiteClient().send(event).status == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("name=A&name=B", 400),
        ("email=a@example.jp&email=b@example.jp", 400),
        ("name=A%00", 400),
        ("name=%ED%A0%80", 400),  # half of a surrogate pair
        ("name=%FF%FE", 400),
        ("name=\ud800", 400),
        ("name=ö", 400),  # not encoded: no browser sends that
        ("name", 400),
        ("&&&", 400),
        ("name=A;email=b", 400),
        ("status=verified", 400),  # a51
        ("types=access", 400),
        ("name[$ne]=x", 400),
        ("&".join(f"f{number}=x" for number in range(100_000)), 413),
        ("&".join(f"f{number}=x" for number in range(1_000)), 400),
        ("name=" + "x" * 10_000_000, 413),
        ("name=" + "%F0%9F%90%88" * 5_000, 400),
        ("name=" + "%F0%9F%90%88" * 6_000, 413),
    ],
)
def test_a42_a_body_that_no_form_of_ours_sends(body: str, status: int) -> None:
    client = SiteClient()
    secret = client.get(DETAILS).secret
    answer = client.post(DETAILS, f"csrf={secret}&{body}")
    assert answer.status == status
    assert client.reports == []


def test_a42_a_check_box_may_come_twice_and_counts_once() -> None:
    client = SiteClient()
    client.answer_all(types=["access", "access"])
    client.fill("/en/check-your-answers")
    assert len(client.fake.only_case().submission.types) == 1


@settings(max_examples=60, deadline=None)
@given(fields=st.dictionaries(st.sampled_from(["name", "email", "order_number", "details"]), st.text(max_size=40)))
def test_a42_a49_any_text_is_taken_or_said_not_to_fit(fields: dict[str, str]) -> None:
    client = SiteClient()
    clean = {name: value.encode("utf-8", "ignore").decode() for name, value in fields.items()}
    assert client.fill(DETAILS, clean).status in (303, 400)
    assert client.get(DETAILS).status == 200
    assert client.reports == []


@pytest.mark.parametrize("nasty", NASTY)
def test_a47_a48_what_is_typed_stays_text_everywhere(nasty: str) -> None:
    client = SiteClient()
    fields = {"name": nasty, "email": "a@example.jp", "order_number": nasty[:64], "details": nasty}
    pages = [client.fill(DETAILS, fields | {"email": nasty}), client.get(DETAILS)]
    pages.append(client.answer_all(**fields))
    client.fill("/en/check-your-answers")
    pages.append(client.get("/en/sent"))
    pages.append(client.fill("/en/my-request", {"reference": nasty}))
    reference = client.fake.only_case().reference
    pages.append(client.fill(f"/en/requests/{reference}/confirm", {"code": nasty}))
    for page in pages:
        assert "<script" not in page.body
        assert "<img src=x" not in page.body
        assert " onfocus=" not in re.sub(r'"[^"]*"|<textarea.*?</textarea>|<bdi.*?</bdi>', "", page.body, flags=re.S)
        assert "</textarea></title>" not in page.body
        assert "49" not in page.words.replace(reference, "")  # a reference may well hold it
    assert nasty in pages[2].words.replace("  ", " ") or nasty.strip() in pages[2].words
    assert client.fake.only_case().submission.name == nasty


@pytest.mark.parametrize(
    "name",
    ["山田 太郎", "髙﨑 \U000e0100", "ｱｲｺ", "👩‍👩‍👧 Zoë", "א ב ג", "\u202eevil\u202c", "e\u0301" * 50, "Å", "𠮷野家"],
)
def test_a49_names_of_all_kinds_are_shown_apart_in_their_own_direction(name: str) -> None:
    client = SiteClient()
    page = client.answer_all(name=name)
    stored = unicodedata.normalize("NFC", name)
    assert f'<bdi class="typed">{stored}</bdi>' in page.body
    client.fill("/en/check-your-answers")
    assert client.fake.only_case().submission.name == stored.replace("\u202e", "").replace("\u202c", "")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("//en", 404),
        ("/en//your-request", 404),
        ("/en/../staff/requests", 404),
        ("/en/%2e%2e/staff", 404),
        ("/en/your-request/", 200),
        ("/en/YOUR-REQUEST", 404),
        ("/en/your-request.", 404),
        ("/en/your-request;x=1", 404),
        ("/en/requests", 404),
        ("/en/requests/../sent", 404),
        ("/en/requests/RD-0000-0000-1", 404),
        ("/en/requests/RD-28T5-CY4G-M/nothing", 404),
        ("/en/requests/RD-28T5-CY4G-M/download/1", 404),
        ("en", 404),
    ],
)
def test_a53_paths_are_taken_as_they_are(path: str, status: int) -> None:
    answer = SiteClient().get(path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "head", "get", "POSTX"])
def test_a53_another_method_is_refused_and_no_header_overrides_it(method: str) -> None:
    client = SiteClient()
    assert client.send(rest_event(method, "/en/my-request")).status == 405
    reference = client.make_request()
    client.open_request(reference)
    headers = {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": method, "Cookie": client.cookie}
    client.send(rest_event("GET", f"/en/requests/{reference}/withdraw", headers=headers))
    assert client.fake.only_case().outcome is None


@pytest.mark.parametrize("action", ["resend", "leave"])
def test_a53_what_is_only_a_button_is_no_page(action: str) -> None:
    answer = SiteClient().get(f"/en/requests/RD-28T5-CY4G-M/{action}")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert "Nothing has been changed" in answer.words


def test_a53_a_page_without_a_form_takes_none() -> None:
    answer = SiteClient().post("/en/accessibility", "")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_a_session_of_one_request_ends_with_its_time_even_when_the_cookie_lives_on() -> None:
    client = SiteClient()
    reference = client.make_request()
    client.open_request(reference)
    client.fake.clock.advance(timedelta(minutes=16))
    path = f"/en/requests/{reference}"
    secret = client.get(path).secret
    assert client.post(f"{path}/withdraw", f"csrf={secret}").headers["Location"] == path
    assert client.fake.only_case().outcome is None
