"""One thing that is wrong with the letters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`file` is relative to the folder of letters; `element` is what is missing or wrong there."""

    file: str
    line: int
    element: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.element}: {self.problem}"
