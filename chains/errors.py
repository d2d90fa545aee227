"""What a reader raises when a chain gives no answer at all."""

from __future__ import annotations

from config.errors import AttestError


class ChainError(AttestError):
    """No pin could be made, or evidence cannot be read; whoever runs the nodes can mend it."""
