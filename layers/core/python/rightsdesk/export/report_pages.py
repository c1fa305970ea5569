"""The monthly report for people: as text, and as a plot (SVG) of the days that answers took."""

# serves: B-1, C-1

from collections.abc import Iterator, Mapping
from html import escape

from rightsdesk.domain.oversight import Oversight
from rightsdesk.domain.report import Report
from rightsdesk.domain.request import Language

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Requests received in {month}",
        "as_of": "as of {at}",
        "received": "received",
        "open": "open",
        "answered": "answered",
        "answered_within_1_month": "  within 1 month",
        "extended": "extended",
        "suspended": "suspended",
        "overdue": "overdue",
        "refused": "refused in whole",
        "late_refusals": "  told after the first month",
        "median_days": "median days to the answer",
        "p90_days": "days within which 9 of 10 were answered",
        "refused_by_ground": "refused in whole or in part, by ground",
        "by_outcome": "by outcome",
        "by_type": "by right",
        "by_law": "by law",
        "days": "days to the answer",
        "by_notice": "recipients of data who were told, by how far they are",
        "oversights": "missing or overdue with recipients of data, today",
        "no_criteria": "no criteria",
        "no_contract": "no agreement",
        "never_reviewed": "never reviewed",
        "review_overdue": "review overdue since {since}",
        "none": "none",
        "in_time": "within the first month",
        "late": "after the first month",
    },
    "ja": {
        "title": "{month}に受け付けた請求",
        "as_of": "{at}現在",
        "received": "受付",
        "open": "対応中",
        "answered": "回答済み",
        "answered_within_1_month": "  うち1か月以内",
        "extended": "期限の延長",
        "suspended": "期間の停止",
        "overdue": "期限超過",
        "refused": "全部の拒否",
        "late_refusals": "  うち1か月を過ぎた通知",
        "median_days": "回答までの日数（中央値）",
        "p90_days": "9割が回答された日数",
        "refused_by_ground": "根拠別の拒否（全部または一部）",
        "by_outcome": "結果別",
        "by_type": "権利別",
        "by_law": "法律別",
        "days": "回答までの日数",
        "by_notice": "お知らせした提供先（対応状況別）",
        "oversights": "提供先の監督で不足または期限超過のもの（本日）",
        "no_criteria": "選定基準なし",
        "no_contract": "契約なし",
        "never_reviewed": "点検未実施",
        "review_overdue": "点検期限超過（期限：{since}）",
        "none": "なし",
        "in_time": "1か月以内",
        "late": "1か月を過ぎたもの",
    },
}
_NUMBERS = (
    "received",
    "open",
    "answered",
    "answered_within_1_month",
    "extended",
    "suspended",
    "overdue",
    "refused",
    "late_refusals",
    "median_days",
    "p90_days",
)
_TABLES = ("refused_by_ground", "by_outcome", "by_type", "by_law", "days", "by_notice")


def report_text(report: Report, language: Language) -> str:
    """Lines of at most 80 columns; counts by name stand below what they count."""
    words = _WORDS[language]
    lines = [words["title"].format(month=report.month), _as_of(report, language), ""]
    lines += [f"{_shown(getattr(report, name)):>6}  {words[name]}" for name in _NUMBERS]
    for name in _TABLES:
        counts: dict[str, int] = getattr(report, name)
        lines += ["", words[name]]
        lines += [f"{count:>6}  {label}" for label, count in counts.items()] or [f"{'-':>6}  {words['none']}"]
    lines += ["", words["oversights"]]
    lines += [_overseen(each, words) for each in report.oversights] or [f"{'-':>6}  {words['none']}"]
    return "\n".join(lines) + "\n"


def _overseen(each: Oversight, words: Mapping[str, str]) -> str:
    return f"{'!':>6}  {each.recipient}: {words[each.gap].format(since=each.since)}"


def _as_of(report: Report, language: Language) -> str:
    return _WORDS[language]["as_of"].format(at=report.as_of.strftime("%Y-%m-%d %H:%M UTC"))


def _shown(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(int(value)) if float(value).is_integer() else f"{value:.1f}"


_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 340, 48, 84, 56
_BAR = 56


def report_svg(report: Report, language: Language) -> str:
    """A bar for each class of days, with its count above; what was told late is hatched, not only coloured."""
    words = _WORDS[language]
    title = words["title"].format(month=report.month)
    described = "; ".join(
        f"{name}: {count}" + (f" ({report.late_days[name]} {words['late']})" if report.late_days[name] else "")
        for name, count in report.days.items()
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" lang="{language}"',
        ' aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="14" fill="#1d2733">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(words["days"])}: {escape(described)}</desc>',
        '<defs><pattern id="late" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">',
        '<rect width="6" height="6" fill="#f3d9c9"/><rect width="3" height="6" fill="#a2431a"/></pattern></defs>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-size="17" font-weight="600">{escape(title)}</text>',
        f'<text x="{_LEFT}" y="44">{escape(_as_of(report, language))}</text>',
        *_bars(report),
        f'<text x="{_LEFT}" y="{_HEIGHT - 40}">{escape(words["days"])}</text>',
        *_legend(words),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _bars(report: Report) -> Iterator[str]:
    most = max([*report.days.values(), 1])
    step = (_WIDTH - _LEFT - 16) / len(report.days)
    floor = _HEIGHT - _BOTTOM
    unit = (floor - _TOP - 24) / most
    for number, (name, count) in enumerate(report.days.items()):
        middle, late = _LEFT + step * (number + 0.5), report.late_days[name]
        top = floor - unit * count
        yield _bar(middle, top, unit * late, _LATE)
        yield _bar(middle, top + unit * late, unit * (count - late), _IN_TIME)
        yield f'<text x="{middle:.1f}" y="{top - 6:.1f}" text-anchor="middle">{count}</text>'
        yield f'<text x="{middle:.1f}" y="{floor + 20}" text-anchor="middle">{escape(name)}</text>'
    yield f'<line x1="{_LEFT}" y1="{floor}" x2="{_WIDTH - 16}" y2="{floor}" stroke="#1d2733"/>'


_IN_TIME, _LATE = "#1f5fa8", "url(#late)"


def _bar(middle: float, top: float, height: float, fill: str) -> str:
    return f'<rect x="{middle - _BAR / 2:.1f}" y="{top:.1f}" width="{_BAR}" height="{height:.1f}" fill="{fill}"/>'


def _legend(words: Mapping[str, str]) -> Iterator[str]:
    for x, fill, word in ((_LEFT, _IN_TIME, "in_time"), (_LEFT + 200, _LATE, "late")):
        yield f'<rect x="{x}" y="{_HEIGHT - 27}" width="16" height="16" fill="{fill}"/>'
        yield f'<text x="{x + 24}" y="{_HEIGHT - 14}">{escape(words[word])}</text>'
