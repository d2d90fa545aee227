"""What the tool raises when it cannot answer, split by who can mend it.

An exception is never a finding: a balance that is short, or a signature that does not verify, is a
value in the report. An exception says that there is no answer, names the thing with both values
(what was met, what was expected), and carries a hint for the person who can mend it.
"""

from __future__ import annotations

SHOWN = 80
"""How much of a refused value is shown: a message is not a place for a megabyte."""


class AttestError(Exception):
    """The tool could not answer.

    Attributes:
        what: the fault in lower case, without a full stop, naming both values.
        hint: what the reader can do about it; empty if nothing general can be said.
    """

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class InputError(AttestError):
    """A file or argument given by the user is refused; the person who wrote it can mend it."""

    @classmethod
    def at(cls, name: str, where: str, what: str, hint: str = "") -> InputError:
        """Build the error for a place in a file.

        Args:
            name: the file's name as the user gave it.
            where: `line 3, column 'method'` in CSV, a key path such as `entity.lei` in TOML and
                JSON.
            what: the fault, naming both values.
            hint: what to write instead.
        """
        place = f"{name}: {where}" if where else name
        return cls(f"{place}: {what}", hint)


def shown(text: str, limit: int = SHOWN) -> str:
    """Quote text for a message: control characters escaped, cut after `limit` characters."""
    return repr(text[:limit]) + ("…" if len(text) > limit else "")
