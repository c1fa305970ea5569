"""A picture of a data map: what a search starts from, and what leads to what. As mermaid text or as SVG."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

from rightsdesk.domain import traversal
from rightsdesk.domain.datamap import Collection, DataMap, Source
from rightsdesk.domain.fields import Identifier

Language = Literal["en", "ja"]
Labelled = Identifier | Source | Collection

_ROW, _WIDTH, _GAP, _MARGIN = 44, 300, 90, 24
_HEAD = 34
_STYLE = (
    "text{font:13px system-ui,'Noto Sans JP',sans-serif;fill:#1a1a1a}.head{font-weight:600}"
    "text.small{font-size:11px;fill:#444}"
    ".box{fill:#fff;stroke:#444}.row{fill:#f3f5f7;stroke:#c4c9ce}.start{fill:#e3f0ff;stroke:#1c4f8f}"
    ".edge{fill:none;stroke:#1c4f8f;stroke-width:1.3}"
)


@dataclass(frozen=True)
class Edge:
    """An identifier leads from where it is found (a collection, or None: it was verified) to a collection."""

    identifier: str
    start: Collection | None
    end: Collection


def edges(data_map: DataMap) -> Iterator[Edge]:
    """All ways of a search, in the order of the map."""
    for end in data_map.collections:
        for identifier in end.searched_by:
            if identifier in data_map.verifiable:
                yield Edge(identifier, None, end)
            for start in traversal.providers(data_map, end):
                if identifier in start.identifying.values():
                    yield Edge(identifier, start, end)


def mermaid(data_map: DataMap, language: Language = "en") -> str:
    """For a README or a wiki: a flowchart in mermaid's language."""

    def words(entry: Labelled) -> str:
        return str(getattr(entry.label, language)).replace('"', "#quot;")

    lines = ["flowchart LR"]
    lines += [f'  verified_{name}(["{words(data_map.identifiers[name])}"])' for name in sorted(data_map.verifiable)]
    for source_name, source in data_map.sources.items():
        lines.append(f'  subgraph {source_name}["{words(source)}"]')
        lines += [f'    {source_name}_{name}["{words(one)}"]' for name, one in source.collections.items()]
        lines.append("  end")
    for edge in edges(data_map):
        start = f"{edge.start.source}_{edge.start.name}" if edge.start else f"verified_{edge.identifier}"
        label = words(data_map.identifiers[edge.identifier])
        lines.append(f'  {start} -- "{label}" --> {edge.end.source}_{edge.end.name}')
    return "\n".join(lines) + "\n"


def svg(data_map: DataMap, language: Language = "en") -> str:
    """For anything that shows pictures: a column for what is verified, then one for each wave of sources."""
    places: dict[str, tuple[int, int]] = {}  # path of a collection, or name of an identifier -> left, middle of its row
    frames: list[str] = []
    shapes: list[str] = []
    bottom = _MARGIN
    for position, name in enumerate(sorted(data_map.verifiable)):
        top = _MARGIN + _HEAD + position * (_ROW + 8)
        proven = "verified" if language == "en" else "確認済み"
        shapes.append(_row(_MARGIN, top, getattr(data_map.identifiers[name].label, language), proven, "", "start"))
        places[name] = (_MARGIN, top + _ROW // 2)
        bottom = max(bottom, top + _ROW)
    waves = traversal.waves(data_map, data_map.verifiable)
    for column, wave in enumerate(waves, 1):
        left, top = _MARGIN + column * (_WIDTH + _GAP), _MARGIN
        for step in wave:
            source = data_map.sources[step.name]
            height = _HEAD + len(source.collections) * (_ROW + 6) + 6
            frame = f'x="{left - 8}" y="{top}" width="{_WIDTH + 16}" height="{height}" rx="6"'
            frames.append(f'<rect class="box" {frame}/>')
            shapes.append(_text(left, top + 22, getattr(source.label, language), "head"))
            for position, collection in enumerate(source.collections.values()):
                row = top + _HEAD + position * (_ROW + 6)
                count = f"{len(collection.fields)} {'fields' if language == 'en' else '項目'}"
                words = getattr(collection.label, language)
                shapes.append(_row(left, row, words, _found_by(data_map, collection, language), count, "row"))
                places[collection.path] = (left, row + _ROW // 2)
            top += height + 20
        bottom = max(bottom, top)
    ways = [_way(places[e.start.path if e.start else e.identifier], places[e.end.path]) for e in edges(data_map)]
    drawn = [*frames, *dict.fromkeys(ways), *shapes]  # lines over the frames of sources, and behind the rows
    width = 2 * _MARGIN + (len(waves) + 1) * _WIDTH + len(waves) * _GAP + 40
    title = "What leads to what" if language == "en" else "データのつながり"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom + _MARGIN}" role="img" '
        f'aria-label="{title}" lang="{language}"><title>{title}</title><style>{_STYLE}</style>'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#1c4f8f"/></marker></defs>' + "".join(drawn) + "</svg>\n"
    )


def _found_by(data_map: DataMap, collection: Collection, language: Language) -> str:
    names = [getattr(data_map.identifiers[name].label, language) for name in collection.searched_by]
    return f"found by {' or '.join(names)}" if language == "en" else f"検索キー:{'、'.join(names)}"


def _text(x: int, y: int, words: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _row(left: int, top: int, words: str, below: str, count: str, style: str) -> str:
    rect = f'<rect class="{style}" x="{left}" y="{top}" width="{_WIDTH}" height="{_ROW}" rx="4"/>'
    right = _text(left + _WIDTH - 8, top + 19, count, "small", "end") if count else ""
    return rect + _text(left + 10, top + 19, words, "label") + _text(left + 10, top + 35, below, "small") + right


def _way(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A curve from the right of one row to the left of another, or, in one column, an arc on the right of both."""
    begin, (left, middle) = start[0] + _WIDTH, end
    if left == start[0]:
        reach = begin + 26 + abs(middle - start[1]) // 5
        path = f"M{begin} {start[1]}C{reach} {start[1]},{reach} {middle},{begin} {middle}"
    else:
        turn = left - _GAP // 2  # so that it crosses columns in between behind their rows
        path = f"M{begin} {start[1]}H{left - _GAP}C{turn} {start[1]},{turn} {middle},{left} {middle}"
    return f'<path class="edge" marker-end="url(#tip)" d="{path}"/>'
