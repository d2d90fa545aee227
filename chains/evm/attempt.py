"""A call whose failure is an answer: what a contract returned, or with what it refused. Pure.

Nodes say in many ways that a call was reverted, and all of them look like any other error. So the
call is made by creation code of ours, in an `eth_call` without recipient, and what comes back is
always a result:

    number, parent hash, chain id, time    four words, as of the control call
    01 or 00                               whether the call succeeded
    data                                   what it returned, or what it was refused with

The first four show which state answered, in the very call; on chains whose opcodes speak of another
chain's blocks they are left out. The call is a STATICCALL: nothing the contract does can last, and
a function that would change state fails. Creation code may not return more than 24 KiB (EIP-170):
a contract that says more gets no answer recorded, and so has none.

    <words> 61 LLLL 61 OOOO 60 BB 39                 CODECOPY the data to memory at BB
    6000 6000 61 LLLL 60 BB 73 <contract> 5a fa      STATICCALL with all gas
    60 BB 53  3d 6000 60 BB+1 3e                     01 or 00 to BB, what came back after it
    3d 60 BB+1 01 6000 f3                            RETURN all of it

Chosen: code that runs in the call alone. Refused: Multicall3's `tryAggregate`, which is one more
contract to trust and is not there at every block; and reading error objects, which differ from
client to client.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chains.evidence import Call
from chains.evm.calls import CONTROL_CODE, MalformedAnswer, decode_state

if TYPE_CHECKING:
    from chains.evidence import Json
    from chains.evm.calls import Block, State

MAX_DATA = 1 << 14
"""Bytes of a call's data: a signature of 250 owners. Creation code may have three times as much
(EIP-3860)."""

MAX_RETURN = 24_576
"""Bytes that creation code may return (EIP-170); a node with another limit is not followed."""

SUCCEEDED, REFUSED = "0x01", "0x00"
"""With what an answer's value begins."""

_WORDS = CONTROL_CODE.removeprefix("0x").removesuffix("60806000f3")
_STATE_CHARS = 256
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_DATA = re.compile(r"0x((?:[0-9a-f]{2})*)", re.ASCII)
_ANSWER = re.compile(r"0[01](?:[0-9a-f]{2})*", re.ASCII)


def attempt_call(subject: str, block: Block, *, telling: bool) -> Call | None:
    """Make the call that tries another.

    Args:
        subject: the contract's address, a space, and the data as lower-case 0x hex.
        block: at which block.
        telling: whether the four words about the state are asked for.

    Returns:
        The call; None if the subject is not one, or its data is over the limit.
    """
    contract, _, text = subject.partition(" ")
    data = _DATA.fullmatch(text)
    if _ADDRESS.fullmatch(contract) is None or data is None or len(text) > 2 + 2 * MAX_DATA:
        return None
    code = _code(contract[2:].lower(), data[1], telling=telling)
    return Call("eth_call", ({"data": f"0x{code}"}, block))


def decode_attempt(result: Json, *, telling: bool) -> tuple[State | None, str]:
    """Read what came back.

    Returns:
        The state that answered, if it was asked for; and 0x hex of 01 or 00 with what followed.

    Raises:
        MalformedAnswer: not of this form, or longer than it may be.
    """
    words = _STATE_CHARS if telling else 0
    limit = 2 + words + 2 * MAX_RETURN
    if not isinstance(result, str) or len(result) > limit or not result.startswith("0x"):
        raise MalformedAnswer("not an attempt's answer, or over the limit")
    told, answer = result[2 : 2 + words], result[2 + words :]
    if _ANSWER.fullmatch(answer) is None:
        raise MalformedAnswer("not an attempt's answer")
    return decode_state(f"0x{told}") if telling else None, f"0x{answer}"


def _code(contract: str, data: str, *, telling: bool) -> str:
    """Give the code in hex, the data behind it."""
    words, base = (_WORDS, 0x80) if telling else ("", 0)
    length, at, after = f"{len(data) // 2:04x}", f"{base:02x}", f"{base + 1:02x}"
    call = f"6000600061{length}60{at}73{contract}5afa60{at}53"
    answer = f"3d600060{after}3e3d60{after}016000f3"
    copy = f"61{length}61____60{at}39"
    offset = (len(words) + len(copy) + len(call) + len(answer)) // 2
    return words + copy.replace("____", f"{offset:04x}") + call + answer + data
