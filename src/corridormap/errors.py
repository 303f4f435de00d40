"""The one family of errors corridormap raises on purpose.

Each message says what is wrong, where, and what to do next; the command line prints it as it is and picks the exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.escape import visible

if TYPE_CHECKING:
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
    """The atlas's files are missing, broken or contradict each other."""


class WriteError(CorridorMapError):
    """A result could not be written; what stood there before is untouched."""


class UsageError(CorridorMapError):
    """The caller asked for something that does not exist: a layer, a language, an option's value."""

    exit_code = 2


class InternalError(CorridorMapError):
    """A fault of corridormap itself, named as such."""
