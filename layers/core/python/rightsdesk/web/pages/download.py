"""Download: what there is, and one button for each file. GET shows; only POST makes a link, which lives 60 seconds.

The answer to POST is a page that sends the browser on by a `Refresh` header, and has the link as well. A redirect
would need the address of the bucket in `form-action`; so that rule stays at 'self'.
"""

from rightsdesk.domain.errors import NotFoundError
from rightsdesk.web.forms import Form, PageRefusedError
from rightsdesk.web.visit import Answer, Page, Visit


class DownloadForm(Form):
    part: str = ""


def show(visit: Visit) -> Answer:
    view = visit.desk.view(visit.opened())
    if view.package is None:
        return visit.move(visit.request_page())
    return visit.page("download.html", package=view.package)


def receive(visit: Visit, form: DownloadForm) -> Answer:
    session = visit.opened()
    if not (form.part.isascii() and form.part.isdigit() and len(form.part) <= 4):
        raise PageRefusedError(400, "malformed")
    link = visit.desk.download(session, int(form.part))
    if not link.url.startswith(("https://", "http://")):
        raise NotFoundError
    return visit.page("downloading.html", link=link, headers={"Refresh": f"0; url={link.url}"})


PAGE = Page(show=show, form=DownloadForm, receive=receive)
