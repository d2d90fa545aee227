"""A price feed small enough to be read, assembled by hand, for anvil. Nobody deploys it.

It answers latestRoundData() with five words, decimals() with one, description() with a text, all of
which stand in its code; every other call fails.
"""

from __future__ import annotations

from tests.nodes.assembly import assemble

WORD = 32


def aggregator(words: tuple[int, ...], decimals: int, description: str) -> str:
    """Give the code of a feed.

    Args:
        words: what latestRoundData() returns; another number of them is another form. A negative
            one is written as int256.
        decimals: what decimals() returns.
        description: what description() returns, of up to 32 characters.
    """
    stored = " ".join(f"7f{_word(one)} 61{at * WORD:04x} 52" for at, one in enumerate(words))
    text = description.encode()
    return assemble(
        f"""
        6000 35 60e0 1c
        80 63feaf968c 14 @round 57
        80 63313ce567 14 @decimals 57
        80 637284e416 14 @text 57
        6000 80 fd
        round: {stored} 61{len(words) * WORD:04x} 6000 f3
        decimals: 7f{_word(decimals)} 6000 52 6020 6000 f3
        text: 6020 6000 52 60{len(text):02x} 6020 52 7f{text.ljust(WORD, bytes(1)).hex()} 6040 52
        6060 6000 f3
        """
    )


def _word(number: int) -> str:
    return f"{number % (1 << 256):064x}"
