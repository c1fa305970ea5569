"""Where everything is in a package. Names are ASCII; what they mean is said inside, in the reader's language.

RD-7K3M-9QXD-W_2026-10-03/
    index.html  index.ja.html  README.txt  README.ja.txt
    answer/       letter.<en|ja>.<html|txt>  processing.json  purposes.json
    data/         <collection>.json  <collection>.csv  third_party_records.json  consents.json  acceptances.json
                  requests.json
    portability/  customer.json  orders.jsonl  data/<collection>.jsonl  schema/<...>.schema.json
    withheld.json  manifest.json  SHA256SUMS
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from rightsdesk.domain.datamap import Collection
from rightsdesk.domain.request import Language
from rightsdesk.export.entry_names import name_problem

WITHHELD = "withheld.json"
PROCESSING = "answer/processing.json"
PURPOSES = "answer/purposes.json"
PROVISIONS = "data/third_party_records.json"
CONSENTS = "data/consents.json"
ACCEPTANCES = "data/acceptances.json"
REQUESTS = "data/requests.json"
CUSTOMER = "portability/customer.json"
ORDERS = "portability/orders.jsonl"
RECORDS = "portability/data/"
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "json": "application/json",
    "jsonl": "application/jsonl",
}


def package_name(reference: str, generated_at: datetime, zone: str) -> str:
    """`RD-7K3M-9QXD-W_2026-10-03`: the folder of the first part and, with `.zip`, its file."""
    return f"{reference}_{generated_at.astimezone(ZoneInfo(zone)).date().isoformat()}"


def part_folder(package: str, part: int) -> str:
    """Each part unpacks into a folder of its own, so that no file of one overwrites a file of another."""
    return package if part == 1 else f"{package}-part{part}"


def part_file(package: str, part: int) -> str:
    return f"{part_folder(package, part)}.zip"


def segment_path(path: str, segment: int) -> str:
    """`data/orders.csv`, and `data/orders-2.csv` where one file was not enough."""
    stem, dot, extension = path.rpartition(".")
    return path if segment == 1 else f"{stem}-{segment}{dot}{extension}"


def file_stems(collections: Iterable[Collection]) -> dict[str, str]:
    """Collection path -> the name of its files: that of the collection, which is unique in a data map.

    Windows keeps a few names for devices: a collection `aux` has the files `aux_data`; so has one that is called as a
    file of ours.
    """
    return {each.path: f"{each.name}_data" if _is_taken(each.name) else each.name for each in collections}


def _is_taken(name: str) -> bool:
    return name_problem(name) is not None or f"data/{name}.json" in (PROVISIONS, CONSENTS, ACCEPTANCES, REQUESTS)


def page(language: Language) -> str:
    return "index.html" if language == "en" else f"index.{language}.html"


def readme(language: Language) -> str:
    return "README.txt" if language == "en" else f"README.{language}.txt"


def letter(language: Language, extension: str) -> str:
    return f"answer/letter.{language}.{extension}"


def media_type(path: str) -> str:
    return MEDIA_TYPES[path.rpartition(".")[2]]
