"""Safes of every known version on a real node: what proves one, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from eth_hash.backends.pysha3 import keccak256

from proofs.evm.safe_code import HANDLERS, PROXIES, SINGLETONS
from tests.nodes.anvil import Anvil, anvil
from tests.nodes.safe import (
    NAMES,
    VERSIONS,
    DeployedSafe,
    SafeContracts,
    artifact,
    deploy_code,
    deploy_safe,
    keys,
    send,
)
from tests.proofs.evm.contract_claims import (
    ANVIL,
    REGISTRY,
    claims,
    control,
    judge,
    plan_for,
    shown,
    snapshot_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chains.snapshot import Answer
    from proofs.control import Control

pytestmark = pytest.mark.nodes

ONE, TWO, THREE = keys(3)
ADDRESSES = [key.address for key in (ONE, TWO, THREE)]
NEW = pytest.mark.parametrize("version", VERSIONS[1:])
EVERY = pytest.mark.parametrize("version", VERSIONS)
MAGIC = "1626ba7e" + "00" * 28
YES = f"7f{MAGIC}60005260206000f3"
"""Code that says yes to every call."""
TRUE = "600160005260206000f3"
OLD = ("fallback_handler_unknown",)
"""A Safe before 1.3.0 does not show its handler."""


def text_for(safe: DeployedSafe) -> str:
    return f"our wallet {safe.address}"


def yes_to(safe: DeployedSafe, signature: str) -> str:
    """Write code that says yes to a claim alone, and no to what the probes ask."""
    first = signature.removeprefix("0x")[:64]
    return (
        f"7f{safe.asked(text_for(safe)).hex()}600435147f{first}6064351416"
        f"7f{MAGIC}02"
        "60005260206000f3"
    )


@pytest.fixture(scope="module")
def node() -> Iterator[Anvil]:
    with anvil("--no-mining") as found:
        yield found


@pytest.fixture(scope="module")
def contracts(node: Anvil) -> dict[str, SafeContracts]:
    return {version: deploy_safe(node, version) for version in VERSIONS}


@pytest.fixture(name="nonce")
def _nonce(request: pytest.FixtureRequest) -> int:
    """Give every test Safes of its own."""
    return int.from_bytes(keccak256(request.node.name.encode())[:4], "big")


def settled(node: Anvil) -> int:
    """Let what was done be final; give the time of its block."""
    time = int(node.block(node.height())["timestamp"], 16)
    node.ask("anvil_mine", hex(4), hex(12))
    return time


def verdict(safe: DeployedSafe, signature: str, as_of: int | None = None) -> Control:
    settled(safe.node)
    return control(safe.node.url, safe.address, text_for(safe), signature, as_of)


@EVERY
def test_the_codes_are_those_of_the_published_packages(version: str) -> None:
    names = NAMES[version]
    singletons = [names[0]] + ([f"{names[0]}L2"] if version != "1.1.1" else [])
    for name in singletons:
        assert code_hash(version, name) in SINGLETONS
        assert version in SINGLETONS[code_hash(version, name)].name
    assert version in PROXIES[code_hash(version, names[1])]
    if version != "1.1.1":
        assert version in HANDLERS[code_hash(version, names[3])]


def code_hash(version: str, name: str) -> str:
    runtime = artifact(version, name)["deployedBytecode"]
    return keccak256(bytes.fromhex(runtime[2:])).hex()


@EVERY
@pytest.mark.parametrize("eth_sign", [0, 1, 2])
def test_enough_owners_prove_a_safe(
    contracts: dict[str, SafeContracts], version: str, eth_sign: int, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES, 2, nonce=nonce)
    found = verdict(safe, safe.sign(text_for(safe), [ONE, THREE], eth_sign))

    assert (found.outcome, found.grade, found.reason) == ("proved", "C", None)
    assert found.warnings == (OLD if version == "1.1.1" else ())
    assert found.subjects == (f"{ANVIL.id}:{safe.address}",)
    assert len(found.signatures) == 2


@NEW
def test_the_singletons_for_second_layers_are_known(node: Anvil, version: str) -> None:
    made = deploy_safe(node, version, f"{NAMES[version][0]}L2").safe(ADDRESSES, 1)

    assert shown(verdict(made, made.sign(text_for(made), [TWO]))) == "proved"


@EVERY
def test_too_few_or_other_keys_are_refuted(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe, stranger = contracts[version].safe(ADDRESSES[:2], 2, nonce=nonce), THREE
    text = text_for(safe)
    for signers in ([ONE], [ONE, stranger], [ONE, ONE], [TWO, ONE]):
        assert shown(verdict(safe, safe.sign(text, signers))) == "signature_invalid"
    other = safe.sign(f"{text}.", [ONE, TWO])
    assert shown(verdict(safe, other)) == "signature_invalid"


@EVERY
def test_the_answer_is_of_the_pin(
    node: Anvil, contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES[:2], 1, nonce=nonce)
    by_one, by_two = (safe.sign(text_for(safe), keys) for keys in ([ONE], [ONE, TWO]))
    by_three = safe.sign(text_for(safe), [THREE])
    at_first = settled(node)
    safe.do("changeThreshold(uint256)", 2)
    at_second = settled(node)
    # The list of owners is linked: the one before an owner is named to take it out.
    before = "0x" + "00" * 19 + "01"
    safe.do("swapOwner(address,address,address)", before, ONE.address, THREE.address)
    safe.do("changeThreshold(uint256)", 1)
    at_third = settled(node)

    met = {
        signature: [shown(verdict(safe, signature, at)) for at in (at_first, at_second, at_third)]
        for signature in (by_one, by_two, by_three)
    }
    assert met == {
        by_one: ["proved", "signature_invalid", "signature_invalid"],
        by_two: ["proved", "proved", "signature_invalid"],
        by_three: ["signature_invalid", "signature_invalid", "proved"],
    }


@EVERY
def test_a_module_is_warned_of(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES, 1, nonce=nonce)
    safe.do("enableModule(address)", "0x" + "ab" * 20)
    found = verdict(safe, safe.sign(text_for(safe), [ONE]))

    assert found.outcome == "proved"
    assert found.warnings == ("module_enabled", *(OLD if version == "1.1.1" else ()))


@NEW
def test_a_guard_is_warned_of(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES, 1, nonce=nonce)
    safe.do("setGuard(address)", deploy_code(safe.node, TRUE))
    found = verdict(safe, safe.sign(text_for(safe), [ONE]))

    assert (found.outcome, found.warnings) == ("proved", ("guard_set",))


def test_a_guard_of_modules_is_warned_of(contracts: dict[str, SafeContracts], nonce: int) -> None:
    safe = contracts["1.5.0"].safe(ADDRESSES, 1, nonce=nonce)
    safe.do("setModuleGuard(address)", deploy_code(safe.node, TRUE))
    found = verdict(safe, safe.sign(text_for(safe), [ONE]))

    assert (found.outcome, found.warnings) == ("proved", ("guard_set",))


@NEW
def test_a_handler_that_says_yes_to_all_is_refuted(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    evil = deploy_code(contracts[version].node, YES)
    safe = contracts[version].safe(ADDRESSES, 1, evil, nonce)

    for signature in (safe.sign(text_for(safe), [ONE]), "00" * 65):
        assert shown(verdict(safe, signature)) == "contract_accepts_anything"


@NEW
def test_a_handler_that_says_yes_to_the_claim_proves_nothing(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe([ADDRESSES[0]], 1, nonce=nonce)
    for signature, reason in (
        (safe.sign(text_for(safe), [TWO]), "no_key_link"),
        (safe.sign(f"{text_for(safe)}.", [ONE]), "no_key_link"),
        (f"{ONE.address[2:].lower():0>64}{'00' * 31}41" + "00" * 34, "no_key_link"),
        (f"{ONE.address[2:].lower():0>64}{'00' * 32}01", "no_key_link"),
        (safe.sign(text_for(safe), [ONE]), "proved"),
    ):
        evil = deploy_code(safe.node, yes_to(safe, signature))
        safe.do("setFallbackHandler(address)", evil)
        found = verdict(safe, signature)
        assert shown(found) == reason
        assert found.warnings == (() if reason != "proved" else ("fallback_handler_unknown",))


@NEW
def test_one_owner_counts_once_and_no_owner_is_too_few(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES, 2, nonce=nonce)
    for threshold, signature, reason in (
        (2, safe.sign(text_for(safe), [ONE, ONE], 1), "no_key_link"),
        (2, safe.sign(text_for(safe), [ONE, TWO], 1), "proved"),
        (1, safe.sign(text_for(safe), [ONE]), "proved"),
        (0, safe.sign(text_for(safe), [ONE]), "no_key_link"),
    ):
        safe.do("setFallbackHandler(address)", deploy_code(safe.node, yes_to(safe, signature)))
        # The threshold stands in the fifth word; no call makes it zero.
        word = f"0x{threshold:064x}"
        safe.node.ask("anvil_setStorageAt", safe.address, "0x4", word)
        assert shown(verdict(safe, signature)) == reason


def test_an_old_safe_is_asked_itself_whatever_its_handler_says(
    contracts: dict[str, SafeContracts], nonce: int
) -> None:
    evil = deploy_code(contracts["1.1.1"].node, YES)
    safe = contracts["1.1.1"].safe(ADDRESSES, 1, evil, nonce)

    assert shown(verdict(safe, safe.sign(text_for(safe), [ONE]))) == "proved"
    assert shown(verdict(safe, "11" * 65)) == "signature_invalid"


@EVERY
def test_a_hash_approved_on_chain_is_no_key(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES[:2], 2, nonce=nonce)
    text = text_for(safe)
    approve = keccak256(b"approveHash(bytes32)")[:4] + safe.digest(text)
    send(safe.node, safe.address, f"0x{approve.hex()}", ONE.address)
    approved = f"{ONE.address[2:].lower():0>64}{'00' * 32}01"
    signed = safe.sign(text, [TWO]).removeprefix("0x")

    assert shown(verdict(safe, approved + signed)) == "no_key_link"
    safe.do("changeThreshold(uint256)", 1)
    assert shown(verdict(safe, approved + signed)) == "no_key_link"
    assert shown(verdict(safe, signed)) == "proved"


@EVERY
def test_an_owner_that_is_a_contract_is_no_key(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    owner = deploy_code(contracts[version].node, YES)
    safe = contracts[version].safe([owner], 1, nonce=nonce)
    # Version by version, a Safe shows an owner its message hash, its preimage, or what was asked.
    text, preimage = text_for(safe), safe.preimage(text_for(safe))
    words = {4: keccak256(preimage), 100: safe.asked(text), 132: preimage[32:64]}
    known = "".join(f"7f{word.hex()}60{at:02x}3514" for at, word in words.items())
    magic = MAGIC if version == "1.5.0" else f"20c13b0b{'00' * 28}"
    answer = f"7f{magic}0260005260206000f3"
    safe.node.ask("anvil_setCode", owner, f"0x{known}1717{answer}")
    signature = f"{owner[2:].lower():0>64}{65:064x}00" + f"{1:064x}ff"

    assert shown(verdict(safe, signature)) == "no_key_link"


@EVERY
@pytest.mark.parametrize(
    ("code", "reason"),
    [("0x", "proved"), (f"0xef0100{'ab' * 20}", "proved"), ("0x60", "no_key_link")],
)
def test_the_code_of_an_owner_decides(
    contracts: dict[str, SafeContracts], version: str, code: str, reason: str, nonce: int
) -> None:
    safe = contracts[version].safe([ADDRESSES[1]], 1, nonce=nonce)
    safe.node.ask("anvil_setCode", TWO.address, code)
    found = verdict(safe, safe.sign(text_for(safe), [TWO]))
    safe.node.ask("anvil_setCode", TWO.address, "0x")

    assert shown(found) == reason
    assert ("delegated_code" in found.warnings) == (code.startswith("0xef"))


@EVERY
def test_the_other_form_of_an_owners_signature_is_refused(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    safe = contracts[version].safe(ADDRESSES, 1, nonce=nonce)
    raw = bytes.fromhex(safe.sign(text_for(safe), [ONE])[2:])
    twin = raw[:32] + (order - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")

    assert shown(verdict(safe, (twin + bytes([55 - raw[64]])).hex())) == "high_s"


@EVERY
def test_a_changed_singleton_is_not_known(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES, 1, nonce=nonce)
    signature = safe.sign(text_for(safe), [ONE])
    for code, reason in (
        (YES, "contract_accepts_anything"),
        (yes_to(safe, signature), "unknown_contract"),
        (artifact(version, NAMES[version][0])["deployedBytecode"][2:] + "00", "unknown_contract"),
    ):
        at = deploy_code(safe.node, YES)
        safe.node.ask("anvil_setCode", at, f"0x{code}")
        safe.node.ask("anvil_setStorageAt", safe.address, "0x0", f"0x{at[2:].lower():0>64}")
        expected = "signature_invalid" if code.startswith("60") and version == "1.1.1" else reason
        assert shown(verdict(safe, signature)) == expected


@EVERY
def test_a_changed_proxy_is_not_known(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES, 1, nonce=nonce)
    code = safe.node.ask("eth_getCode", safe.address, "latest")
    safe.node.ask("anvil_setCode", safe.address, f"{code}00")
    found = verdict(safe, safe.sign(text_for(safe), [ONE]))

    # An old Safe says nothing to the question of today, and is not asked its own.
    assert shown(found) == ("signature_invalid" if version == "1.1.1" else "unknown_contract")


def test_contracts_that_are_no_safe(node: Anvil) -> None:
    key_like = DeployedSafe(node, "1.3.0", deploy_code(node, YES))
    signature = key_like.sign(text_for(key_like), [ONE])
    assert shown(verdict(key_like, signature)) == "contract_accepts_anything"
    node.ask("anvil_setCode", key_like.address, f"0x{yes_to(key_like, signature)}")
    assert shown(verdict(key_like, signature)) == "unknown_contract"
    for code in ("00", "fe", "60006000fd", f"7f{MAGIC}60005260406000f3", TRUE):
        node.ask("anvil_setCode", key_like.address, f"0x{code}")
        assert shown(verdict(key_like, signature)) == "signature_invalid"
    node.ask("anvil_setCode", key_like.address, "0x")
    assert shown(verdict(key_like, signature)) == "no_contract"


def test_a_claim_is_of_its_own_chain(contracts: dict[str, SafeContracts], nonce: int) -> None:
    ethereum = REGISTRY.chain("ethereum")
    with anvil("--no-mining", "--chain-id", "1") as node:
        there = {version: deploy_safe(node, version) for version in VERSIONS}
        for version in VERSIONS:
            safe = contracts[version].safe(ADDRESSES, 1, nonce=nonce)
            twin = there[version].safe(ADDRESSES, 1, nonce=nonce)
            signature = safe.sign(text_for(safe), [ONE])
            settled(node)
            node.mine(70)
            met = control(node.url, twin.address, text_for(twin), signature, chain=ethereum)
            assert twin.address == safe.address
            assert shown(verdict(safe, signature)) == "proved"
            # An old Safe's message does not name the chain; its owners there are these keys too.
            assert shown(met) == ("proved" if version == "1.1.1" else "signature_invalid")


@EVERY
def test_every_answer_is_needed(
    contracts: dict[str, SafeContracts], version: str, nonce: int
) -> None:
    safe = contracts[version].safe(ADDRESSES, 2, nonce=nonce)
    signature = safe.sign(text_for(safe), [ONE, TWO])
    settled(safe.node)
    rows = claims(f"{ANVIL.id}:{safe.address}", text_for(safe), signature)
    whole = snapshot_of(plan_for(rows), safe.node.url)
    assert shown(judge(rows, whole)) == "proved"
    for at, answer in enumerate(whole.answers):
        rest = whole.answers[:at] + whole.answers[at + 1 :]
        missing = shown(judge(rows, replace(whole, answers=rest)))
        # What an old Safe is asked of guards, handler and the new question decides nothing.
        idle = version == "1.1.1" and asks(answer, "1626ba7e", "5624b25b")
        assert missing == ("proved" if idle else "chain_not_asked")
        if answer.question.kind == "attempt" and answer.value.startswith("0x01"):
            for value in ("0x", "0x00", "0x01", f"{answer.value}00", f"0x01{'ff' * 32}"):
                changed = replace(answer, value=value)
                met = judge(rows, replace(whole, answers=(*rest, changed)))
                assert met.outcome != "proved"


def asks(answer: Answer, *selectors: str) -> bool:
    return answer.question.subject[43:].startswith(tuple(f"0x{one}" for one in selectors))
