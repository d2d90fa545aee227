"""Contracts small enough to be read, written as hex with labels in place of jump targets.

    assemble("6001 @done 57 6000 80 fd done: 00")

`@name` pushes the place of `name:` (PUSH2), which is a JUMPDEST; everything else is hex as it is.
"""

from __future__ import annotations

PUSH2, JUMPDEST = "61", "5b"


def assemble(text: str) -> str:
    """Give the code, 0x hex; raise KeyError for a label that is nowhere."""
    places: dict[str, int] = {}
    code = ""
    for word in text.split():
        if word.endswith(":"):
            places[word[:-1]] = len(code) // 2
            code += JUMPDEST
        else:
            code += f"{PUSH2}0000" if word.startswith("@") else word
    found = ""
    for word in text.split():
        if word.startswith("@"):
            found += f"{PUSH2}{places[word[1:]]:04x}"
        else:
            found += JUMPDEST if word.endswith(":") else word
    return f"0x{found}"
