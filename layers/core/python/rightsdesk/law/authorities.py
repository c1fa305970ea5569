"""The authority a subject may complain to (GDPR 77; in Japan the Commission by telephone): every refusal names it."""

# serves: E-13

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rightsdesk.law.countries import state_of

_FILE = Path(__file__).with_name("data") / "authorities.json"


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority. `land` is the second half of an ISO 3166-2 code, for the German ones of a Land."""

    slug: str
    country: str
    name: str
    phone: str
    web: str
    address: str | None = None
    land: str | None = None
    email: str | None = None
    webform: str | None = None
    phone_hours: str | None = None
    complaint_language: str | None = None


@cache
def _authorities() -> dict[tuple[str, str | None], Authority]:
    rows = json.loads(_FILE.read_text(encoding="utf-8"))["authorities"]
    return {(row["country"], row.get("land")): Authority(**row) for row in rows}


def authority_for(country: str, land: str | None = None) -> Authority | None:
    """The authority for who lives in `country`; None outside the EEA and Japan.

    Germany supervises shops by Land: with `land` (`BY` or `DE-BY`) the one of that Land, the federal one where the Land
    is unknown or has none in the directory. Raises ValueError for a country that is no alpha-2 code.
    """
    state = state_of(country)
    known = _authorities()
    of_land = known.get((state, land.removeprefix(f"{state}-"))) if land else None
    return of_land or known.get((state, None))
