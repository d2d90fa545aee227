"""Write the vectors: python -m tests.bundles"""

from tests.bundles.writing import write

print(write())  # noqa: T201 - what it is for
