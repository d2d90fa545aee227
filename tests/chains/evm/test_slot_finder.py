"""The finder against a node that is a few lines of Python, and against nodes that misbehave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256

from chains.errors import ChainError
from chains.evidence import Call, Column, Exchange, Sweep
from chains.evm.calls import Header
from chains.evm.slot_finder import NoSlotError, find_slot, holders_for
from chains.evm.slots import place_of
from config.caip import ChainId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chains.evidence import ErrorCode, Json, ProtocolName
    from chains.evm.slot_finder import Found

CHAIN = ChainId("eip155:1")
TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"  # noqa: S105 - an address
BEHIND = "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"
THIRD = "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0"
HEADER = Header(16, f"0x{'ab' * 32}", f"0x{'cd' * 32}", 1_700_000_000)
ADDRESS = (1 << 160) - 1

Read = Callable[[int], int]
Balance = Callable[[Read, str], int | None]


@dataclass
class FakeNode:
    """Runs `balance` over a storage; None from it is a call that fails."""

    balance: Balance
    storage: dict[int, int] = field(default_factory=dict)
    touched: tuple[str, ...] = ()
    lists_changed: bool = True
    """Whether it lists access for replaced words."""
    spoil: Callable[[Call, Exchange], Exchange] = lambda _call, exchange: exchange
    name: str = "node-1"
    operator: str = "unnamed"
    protocol: ProtocolName = "json-rpc"
    asked: list[Call] = field(default_factory=list)

    def ask(self, calls: Sequence[Call]) -> tuple[Exchange, ...]:
        self.asked += calls
        return tuple(self.spoil(call, self._answer(call)) for call in calls)

    def sweep(self, sweep: Sweep) -> Column:
        raise NotImplementedError(sweep)

    def _answer(self, call: Call) -> Exchange:
        if call.method == "eth_getCode":
            known = call.params[0] == TOKEN or str(call.params[0]).lower() in self.touched
            return Exchange(call, result="0x6001" if known else "0x")
        if call.method == "eth_getStorageAt":
            return Exchange(
                call, result=f"0x{self.storage.get(int(str(call.params[1]), 16), 0):064x}"
            )
        return self._run(call)

    def _run(self, call: Call) -> Exchange:
        listing = call.method == "eth_createAccessList"
        replaced = len(call.params) > 2
        if listing and replaced and not self.lists_changed:
            return Exchange(call, error="rpc_error")
        words = dict(self.storage)
        if replaced:
            override: Json = call.params[2]
            assert isinstance(override, dict)
            changed: Json = override[TOKEN]
            assert isinstance(changed, dict)
            diff: Json = changed["stateDiff"]
            assert isinstance(diff, dict)
            words |= {int(place, 16): int(str(word), 16) for place, word in diff.items()}
        read: list[int] = []

        def load(place: int) -> int:
            read.append(place)
            return words.get(place, 0)

        asked: Json = call.params[0]
        assert isinstance(asked, dict)
        given = self.balance(load, f"0x{str(asked['data'])[-40:]}")
        if listing:
            return Exchange(call, result=self._listing(read))
        if given is None:
            return Exchange(call, error="rpc_error")
        return Exchange(call, result=f"0x{given:064x}")

    def _listing(self, read: list[int]) -> Json:
        own: Json = {
            "address": TOKEN.lower(),
            "storageKeys": tuple(f"0x{place:064x}" for place in sorted({*read})),
        }
        others: tuple[Json, ...] = tuple(
            {"address": name, "storageKeys": ()} for name in self.touched
        )
        return {"accessList": (own, *others), "gasUsed": "0x0"}


def at(number: int, holder: str) -> int:
    return int.from_bytes(place_of("solidity", number, holder), "big")


def plain(read: Read, holder: str) -> int:
    return read(at(2, holder))


def find(node: FakeNode, holder: str | None = None) -> Found:
    return find_slot(node, CHAIN, TOKEN, holders_for(holder), HEADER)


def refusal(node: FakeNode, holder: str | None = None) -> tuple[str, str]:
    with pytest.raises(NoSlotError) as caught:
        find(node, holder)
    return caught.value.reason, caught.value.what


def test_a_plain_token() -> None:
    found = find(FakeNode(plain))

    assert ("solidity", 2, 256, ()) == (
        found.slot.layout,
        found.slot.slot,
        found.slot.bits,
        found.slot.guards,
    )
    assert f"attest find-slot at block 16 {HEADER.block_hash}" == found.slot.source
    assert f"0x{keccak256(bytes.fromhex('6001')).hex()}" == found.slot.code_hash
    assert (
        "balanceOf gives the word back, for two holders and 4 values",
        "other words read: 0; guarded: 0",
    ) == found.notes


def test_every_state_call_names_the_block_by_its_number() -> None:
    node = FakeNode(plain)
    find(node)

    assert {"0x10"} == {
        str(call.params[2 if call.method == "eth_getStorageAt" else 1]) for call in node.asked
    }


def shy(read: Read, holder: str) -> int:
    held = read(at(2, holder))
    return held * read(0) % (1 << 256) if held else 0


def test_a_node_that_lists_changed_states_shows_what_only_holders_read() -> None:
    assert "factor" == refusal(FakeNode(shy, {0: 1}))[0]


def test_a_node_that_does_not_is_said_to_have_shown_less() -> None:
    found = find(FakeNode(shy, {0: 1}, lists_changed=False))

    assert found.notes[-1].startswith("not seen: ")


def test_a_holder_shows_it_with_every_node() -> None:
    holder = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
    node = FakeNode(shy, {0: 1, at(2, holder): 5}, lists_changed=False)

    assert "factor" == refusal(node, holder)[0]


def test_a_holder_with_a_balance_leaves_nothing_to_say() -> None:
    holder = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045"
    found = find(FakeNode(plain, {at(2, holder): 5}, lists_changed=False), holder)

    assert [] == [note for note in found.notes if note.startswith("not seen")]


def test_a_word_of_the_second_holder_alone_is_turned_too() -> None:
    second = holders_for(None)[1].lower()

    def marked(read: Read, holder: str) -> int:
        return 0 if holder == second and read(77) else plain(read, holder)

    assert ("holder_words", f"a second word of one holder decides: 0x{77:064x}") == refusal(
        FakeNode(marked)
    )


def test_a_switch_compared_with_a_value_is_guarded_at_every_bit() -> None:
    def versioned(read: Read, holder: str) -> int | None:
        return plain(read, holder) if read(5) == 7 else None

    guards = find(FakeNode(versioned, {5: 7})).slot.guards

    assert [(f"0x{5:064x}", f"0x{'f' * 64}", f"0x{7:064x}")] == [
        (guard.position, guard.mask, guard.value) for guard in guards
    ]


def test_a_switch_of_two_bits_is_guarded() -> None:
    def both(read: Read, holder: str) -> int:
        return 0 if read(5) & 3 == 3 else plain(read, holder)

    assert [f"0x{'f' * 64}"] == [guard.mask for guard in find(FakeNode(both)).slot.guards]


def proxied(read: Read, holder: str) -> int | None:
    return plain(read, holder) if read(9) & ADDRESS == int(BEHIND, 16) else None


def test_the_word_that_names_a_contract_that_was_run_is_the_implementations() -> None:
    slot = find(FakeNode(proxied, {9: int(BEHIND, 16)}, (BEHIND,))).slot

    assert (f"0x{9:064x}", BEHIND, ()) == (
        slot.implementation_slot,
        str(slot.implementation).lower(),
        slot.guards,
    )


def test_a_switch_beside_the_implementation_is_refused() -> None:
    def paused(read: Read, holder: str) -> int | None:
        return 0 if read(9) >> 160 & 1 else proxied(read, holder)

    node = FakeNode(paused, {9: int(BEHIND, 16)}, (BEHIND,))

    assert ("shared_word", f"the implementation's word holds a switch: 0x{9:064x}") == refusal(node)


def test_two_implementations_are_refused() -> None:
    def two(read: Read, holder: str) -> int | None:
        return proxied(read, holder) if read(8) == int(THIRD, 16) else None

    node = FakeNode(two, {8: int(THIRD, 16), 9: int(BEHIND, 16)}, (BEHIND, THIRD))

    assert "implementations" == refusal(node)[0]


def test_an_implementation_without_code_is_refused() -> None:
    standard = 0x360894A13BA1A3210667C828492DB98DCA3E2076CC3735A920A3CA505D382BBC

    def unset(read: Read, holder: str) -> int:
        return plain(read, holder) + 0 * read(standard)

    assert ("no_code", f"no code at 0x{'0' * 40}") == refusal(FakeNode(unset))


def test_code_that_no_word_names_is_told() -> None:
    found = find(FakeNode(plain, touched=(THIRD,)))

    assert f"look: it runs code that no word names, at {THIRD}" == found.notes[-1]


def test_a_token_whose_words_the_node_leaves_out_is_refused() -> None:
    assert "no_words" == refusal(FakeNode(lambda _read, _holder: 5))[0]


def test_a_node_without_state_overrides_finds_nothing() -> None:
    def ignoring(call: Call, exchange: Exchange) -> Exchange:
        return Exchange(call, result=f"0x{0:064x}") if call.method == "eth_call" else exchange

    reason, what = refusal(FakeNode(plain, spoil=ignoring))

    assert ("not_plain", "the word of solidity 2 does not change balanceOf") == (reason, what)


def test_different_answers_for_two_holders_are_no_layout() -> None:
    second = holders_for(None)[1].lower()

    def uneven(read: Read, holder: str) -> int:
        held = plain(read, holder)
        return held & 0xFFFF if holder == second else held

    assert "not_plain" == refusal(FakeNode(uneven))[0]


def test_another_contracts_storage_that_only_a_holder_reads_is_refused() -> None:
    def elsewhere(call: Call, exchange: Exchange) -> Exchange:
        if call.method != "eth_createAccessList" or len(call.params) < 3:
            return exchange
        ledger: Json = {"address": BEHIND, "storageKeys": (f"0x{1:064x}",)}
        listed = exchange.result
        assert isinstance(listed, dict)
        entries = listed["accessList"]
        assert isinstance(entries, tuple)
        return Exchange(call, result={"accessList": (*entries, ledger)})

    assert ("elsewhere", f"balanceOf reads storage of {BEHIND}") == refusal(
        FakeNode(plain, spoil=elsewhere)
    )


def test_a_layout_of_one_holder_alone_is_none() -> None:
    second = holders_for(None)[1].lower()

    def moved(read: Read, holder: str) -> int:
        return read(at(3 if holder == second else 2, holder))

    assert "no_layout" == refusal(FakeNode(moved))[0]


def test_a_call_that_gives_nothing_is_a_call_that_fails() -> None:
    def empty(call: Call, exchange: Exchange) -> Exchange:
        failed = call.method == "eth_call" and exchange.error == "rpc_error"
        return Exchange(call, result="0x") if failed else exchange

    def versioned(read: Read, holder: str) -> int | None:
        return plain(read, holder) if read(5) == 7 else None

    guards = find(FakeNode(versioned, {5: 7}, spoil=empty)).slot.guards

    assert [f"0x{5:064x}"] == [guard.position for guard in guards]


METHODS = ("eth_getCode", "eth_createAccessList", "eth_call", "eth_getStorageAt")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", ["unreachable", "throttled", "bad_reply", "no_reply"])
def test_silence_is_never_an_answer(method: str, error: ErrorCode) -> None:
    def silent(call: Call, exchange: Exchange) -> Exchange:
        return Exchange(call, error=error) if call.method == method else exchange

    node = FakeNode(proxied, {9: int(BEHIND, 16)}, (BEHIND,), spoil=silent)

    with pytest.raises(ChainError, match=f"{method} of {TOKEN}: {error}"):
        find(node)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "result", [None, True, 5, "", "0x1", "5", "0xzz", (), {}, {"accessList": (1,)}, f"0x{'1' * 65}"]
)
def test_answers_of_another_form_are_refused(method: str, result: Json) -> None:
    def spoilt(call: Call, exchange: Exchange) -> Exchange:
        return Exchange(call, result=result) if call.method == method else exchange

    node = FakeNode(proxied, {9: int(BEHIND, 16)}, (BEHIND,), spoil=spoilt)

    with pytest.raises(ChainError, match=f"{method} of {TOKEN}: "):
        find(node)


def test_a_fault_among_the_trials_of_a_guard_is_no_switch() -> None:
    def watched(read: Read, holder: str) -> int:
        return plain(read, holder) + 0 * read(5)

    def once(call: Call, exchange: Exchange) -> Exchange:
        late = len(call.params) > 2 and f"0x{5:064x}" in str(call.params[2])
        return Exchange(call, error="throttled") if late else exchange

    with pytest.raises(ChainError, match="throttled"):
        find(FakeNode(watched, spoil=once))


def test_holders_differ_and_the_given_one_is_first() -> None:
    first, second = holders_for(None)

    assert first != second
    assert (TOKEN, second) == holders_for(TOKEN)
