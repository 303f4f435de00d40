"""The one family of errors corridormap raises on purpose.

Each message says what is wrong, where, and what to do next; the command line prints it as it is and picks the exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.escape import visible
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class CorridorMapError(Exception):
    """A problem that a person can mend.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence without a final full stop.
    where : str or Path, optional
        The file, and within it the key, feature or coordinate.
    hint : str, optional
        What to do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | Path | None = None, hint: str | None = None) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.hint = hint
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The whole message on one to two lines, harmless to a terminal."""
        text = visible(f"{self.where}: {self.what}" if self.where else self.what)
        return f"{text}\n  {visible(self.hint)}" if self.hint else text


class DataError(CorridorMapError):
    """The atlas's files are missing, broken or contradict each other.

    Parameters
    ----------
    what, where, hint
        As with `CorridorMapError`.
    feature : str, optional
        The record or feature in the file.
    line, column : int, optional
        The place in the file's text, from 1.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | Path | None = None,
        feature: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        self.file, self.feature, self.line, self.column = where, feature, line, column
        places = [where, None if line is None else f"line {line}" + (f", column {column}" if column else ""), feature]
        super().__init__(what, where=", ".join(str(place) for place in places if place is not None) or None, hint=hint)

    @property
    def faults(self) -> list[DataError]:
        """The faults it tells of, each an error of its own."""
        return [self]


class FactsError(DataError):
    """Several faults of the facts, found in one reading."""

    MOST = 100
    """How many of them the message tells; the command line's `validate` tells all."""

    def __init__(self, faults: Sequence[DataError]) -> None:
        self._faults = list(faults)
        super().__init__(f"{counted(len(self._faults), 'fault')} in the facts")

    @property
    def faults(self) -> list[DataError]:
        """The faults it tells of, each an error of its own."""
        return self._faults

    @property
    def message(self) -> str:
        """All of them, each on one to two lines."""
        rest = len(self._faults) - self.MOST
        more = [f"… and {rest} more; `corridormap validate` lists them all"] if rest > 0 else []
        return "\n".join([f"{self.what}:", *(fault.message for fault in self._faults[: self.MOST]), *more])


def refuse(faults: Sequence[DataError]) -> None:
    """Raise what was found to be wrong, each fault once: nothing, the one fault, or all of them as one error.

    Raises
    ------
    DataError
        If there are any.
    """
    single = list({fault.message: fault for fault in faults}.values())
    if single:
        raise single[0] if len(single) == 1 else FactsError(single)


class WriteError(CorridorMapError):
    """A result could not be written; what stood there before is untouched."""


class UsageError(CorridorMapError):
    """The caller asked for something that does not exist: a layer, a language, an option's value."""

    exit_code = 2


class InternalError(CorridorMapError):
    """A fault of corridormap itself, named as such."""
