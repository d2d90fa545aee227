"""What this package raises beside the errors of its inputs and chains."""

from __future__ import annotations

from typing import Literal, TypeAlias

from config.errors import AttestError


class SigningError(AttestError):
    """A key cannot be read, opened or used; its holder can mend it."""


class MachineError(AttestError):
    """The machine did not let the tool finish; it says nothing about any file."""


class InvalidEnvelope(AttestError):  # noqa: N818 - a verdict about the envelope, named by what it is
    """An envelope is not canonical, or no trusted key made its signature.

    Attributes:
        reason: a closed code for the verdict.
    """

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason


class InvalidStatement(AttestError):  # noqa: N818 - a verdict about the statement, like the other
    """A third party's signed statement is none, or does not agree with the row that names it.

    Attributes:
        reason: a closed code for the verdict, of `attest.third_party`.
    """

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason


HistoryReason: TypeAlias = Literal[
    "bad_log_signature",
    "log_behind",
    "log_forked",
    "log_rewritten",
    "log_untrusted",
    "malformed_checkpoint",
    "malformed_log",
    "malformed_log_proof",
    "malformed_note",
    "not_in_log",
    "witnesses_missing",
]
"""Why a log, or what was taken from one, shows nothing."""


class InvalidHistory(AttestError):  # noqa: N818 - a verdict about a log, like the others
    """A log of digests, or what was taken from one, does not show what it is shown for.

    Attributes:
        reason: a closed code for the verdict.
    """

    def __init__(self, reason: HistoryReason, what: str, hint: str = "") -> None:
        super().__init__(what, hint)
        self.reason: HistoryReason = reason


class InvalidTimestamp(AttestError):  # noqa: N818 - a verdict about the timestamp, like the others
    """A timestamp is none, is over other bytes, or is not of the authority it should be of.

    Attributes:
        reason: a closed code for the verdict, of `attest.timestamps.reasons`.
    """

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason


class InvalidOpening(AttestError):  # noqa: N818 - a verdict about the opening, like the others
    """An opening shows a row that is not of the statement.

    Attributes:
        reason: `other_statement` or `not_in_tree`.
    """

    def __init__(self, reason: Literal["other_statement", "not_in_tree"], what: str) -> None:
        super().__init__(what)
        self.reason = reason
