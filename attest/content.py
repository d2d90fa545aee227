"""A folder's files as values: small ones are bytes, large ones views of mapped files.

Evidence of many accounts is hundreds of megabytes, nearly all of it one store of nodes. It is
hashed, compared and looked into where it lies, and never held in memory as a whole. What is parsed
as text is taken out with `bytes()`, which copies nothing that is bytes already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Content: TypeAlias = bytes | memoryview
Files: TypeAlias = Mapping[str, Content]
"""Name within the folder to content."""
