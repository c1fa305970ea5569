"""The pages on a loopback port, in front of the desk in memory: HTTP in, REST proxy event, HTTP out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from rightsdesk.domain.links import Links
from rightsdesk.web.page_site import Resolver
from rightsdesk.web.site import build_site
from tests.support.consents import ConsentRoom
from tests.support.fake_subject_desk import PACKAGE, FakeSubjectDesk
from tests.support.site_client import MERCHANT, TEXTS


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        pass


@contextmanager
def serve_site(fake: FakeSubjectDesk) -> Iterator[str]:
    """Gives the address. `/exports` stands for the bucket: a download from it is an attachment."""
    with _serve(_site_of(fake)) as address:
        bucket = address.replace("localhost", "127.0.0.1")
        fake.download_url = f"{bucket}/exports/answer.zip?X-Amz-Expires=60&X-Amz-Signature=0"
        yield address


@contextmanager
def serve_consents(room: ConsentRoom) -> Iterator[str]:
    """The pages about consents, with the files that both sites share."""
    rest = _site_of(FakeSubjectDesk())

    class _Both:
        def resolve(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
            shared = event["path"].startswith("/static/")
            return (rest if shared else room.site).resolve(event, context)

    with _serve(_Both()) as address:
        room.base_url, room.links = address, Links(origin=address)
        yield address


def _site_of(fake: FakeSubjectDesk) -> Resolver:
    return build_site(
        fake.desk(),
        keys=lambda purpose: f"key for {purpose}".encode(),
        merchant=MERCHANT,
        texts=TEXTS,
        clock=fake.clock,
        base_url_of=lambda event: f"http://{event['requestContext']['domainName']}",
        report=lambda error, incident: None,
    )


@contextmanager
def _serve(site: Resolver) -> Iterator[str]:
    one_at_a_time = threading.Lock()

    @Request.application
    def application(request: Request) -> Response:
        if request.path == "/exports/answer.zip":
            attachment = {"Content-Disposition": 'attachment; filename="answer.zip"'}
            return Response(PACKAGE, content_type="application/zip", headers=attachment)
        event = {
            "httpMethod": request.method,
            "path": request.path,
            "headers": dict(request.headers),
            "queryStringParameters": request.args.to_dict() or None,
            "requestContext": {"domainName": request.host, "requestId": "7c1d2f0a-browser"},
            "body": request.get_data(as_text=True) or None,
            "isBase64Encoded": False,
        }
        with one_at_a_time:
            answer = site.resolve(event, None)
        response = Response(answer["body"], answer["statusCode"])
        response.headers.remove("Content-Type")
        for name, values in answer["multiValueHeaders"].items():
            for value in values:
                response.headers.add(name, value)
        return response

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
