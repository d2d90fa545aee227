"""The shape of the code, held by the code itself: who may import whom, who may touch the world."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("config", "chains", "proofs", "attest")
"""Left to right: a package imports from itself and from what stands left of it."""

MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MAX_MODULE = 400
MAX_FUNCTION = 40

WORLD = {
    # What reaches files, sockets, environment, clock or randomness, and the modules that may.
    "requests": {"attest/timestamps/asking.py", "chains/transport.py"},
    "urllib3": {"attest/timestamps/asking.py", "chains/transport.py"},
    "socket": {"chains/electrum/connection.py"},
    "ssl": {"chains/electrum/connection.py"},
    "subprocess": set(),
    "random": set(),
    "secrets": {
        "attest/cli/challenge.py",
        "attest/cli/disclose.py",
        "attest/cli/liabilities/secret.py",
    },
    "time": {
        "attest/cli/challenge.py",
        "attest/cli/history.py",
        "attest/cli/load.py",
        "attest/cli/log/cosign.py",
        "attest/cli/verify.py",
    },
    "os": {
        "attest/cli/load.py",
        "attest/disk.py",
        "attest/journal.py",
        "attest/liabilities/store.py",
        "attest/processes.py",
    },
    "shutil": {"attest/disk.py", "attest/journal.py", "attest/liabilities/store.py"},
    "fcntl": {"attest/journal.py"},
    "mmap": {"attest/disk.py", "attest/liabilities/store.py"},
    "multiprocessing": {"attest/processes.py"},
    "concurrent": set(),
    "threading": set(),
    "signal": {"attest/processes.py"},
    "tempfile": {"attest/disk.py", "attest/liabilities/store.py"},
    "getpass": {"attest/cli/keys.py", "attest/cli/load.py"},
}
FILES = {
    # Modules that open files themselves, or hand paths to those that do.
    "attest/disk.py",
    "attest/journal.py",
    "attest/liabilities/store.py",
    "attest/observe.py",
    "attest/signers/pkcs11.py",  # a token, by way of its module
    "config/ledger/arrow.py",
    "config/ledger/sources.py",
}
OPENING = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "OSFile"}
PACKAGE_DATA = {
    "attest/cli/load.py",
    "attest/cli/new.py",
    "attest/liabilities/customer_page.py",
    "attest/report/forms.py",
    "attest/version.py",
    "config/calendar.py",
    "config/policy.py",
    "config/registry_files.py",
}
"""They read files that ship inside the packages, through importlib.resources."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def imports_of(path: Path) -> frozenset[str]:
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return frozenset(found)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_left_only(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    right = PACKAGES[PACKAGES.index(package) + 1 :]

    assert {name for name in imports_of(path) if name.split(".")[0] in right} == set()


def test_proofs_see_addresses_and_answers_of_chains_alone() -> None:
    allowed = {
        "chains.families",
        "chains.snapshot",
        "chains.inclusion",  # the form of an answer
        "chains.evm.rlplist",  # the one reader of RLP, which knows nothing of a chain
    }
    met = {
        name
        for path in (ROOT / "proofs").rglob("*.py")
        for name in imports_of(path)
        if name.startswith("chains")
    }

    # An address is one module of each family.
    assert {
        name for name in met - allowed if not re.fullmatch(r"chains\.\w+(\.address)?", name)
    } == set()


@pytest.mark.parametrize("module", sorted(WORLD))
def test_only_named_modules_touch_the_world(module: str) -> None:
    met = {
        name_of(path) for path in MODULES if module in {n.split(".")[0] for n in imports_of(path)}
    }

    assert WORLD[module] == met


def test_only_named_modules_open_files() -> None:
    met = set()
    for path in MODULES:
        for node in nodes_of(path):
            if isinstance(node, ast.Call):
                called = node.func
                name = (
                    called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                )
                if name in OPENING:
                    met.add(name_of(path))

    assert met == FILES | PACKAGE_DATA


def test_no_clock_is_read_outside_the_command_line() -> None:
    calls = {"now", "utcnow", "monotonic", "perf_counter"}
    met = {
        name_of(path)
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and node.attr in calls
    }

    # A rate of calls is kept to by a clock that never goes back.
    assert met == {"attest/cli/load.py"}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_empty_at_the_door(package: str) -> None:
    texts = {name_of(path): path.read_text() for path in (ROOT / package).rglob("__init__.py")}

    assert dict.fromkeys(texts, "") == texts


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION
    ]

    assert text.count("\n") <= MAX_MODULE
    assert long == []


def test_there_are_no_rooms_without_a_name() -> None:
    vague = {"utils", "helpers", "common", "manager", "base", "misc"}

    assert {path.stem for path in MODULES} & vague == set()


def loaded_by(*arguments: str) -> set[str]:
    """Run a command in a new interpreter and give the modules it had loaded at its end."""
    script = (
        "import sys\n"
        "from attest.cli.app import call\n"
        "call(sys.argv[1:])\n"
        "print('LOADED', *sys.modules)\n"
    )
    done = subprocess.run(  # noqa: S603 - this interpreter, our script
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("LOADED ")[2].split())


def test_help_loads_nothing_heavy() -> None:
    loaded = {name.split(".")[0] for name in loaded_by("--help")}
    heavy = {
        "pydantic",
        "requests",
        "web3",
        "cryptography",
        "coincurve",
        "btclib",
        "rich",
        "jinja2",
        "socket",
        "yaml",
        "pyarrow",
        "duckdb",
        "pkcs11",
        "securesystemslib",
    }

    assert loaded & heavy == set()


def test_offline_verify_loads_no_network_client(signed_folder: tuple[Path, Path]) -> None:
    bundle, key = signed_folder
    loaded = loaded_by("verify", str(bundle), "--key", str(key), "--allow-test")
    network = {"requests", "urllib3", "web3", "aiohttp", "http.client", "websockets"}
    own = {
        "attest.observe",
        "attest.timestamps.asking",
        "chains.electrum.connection",
        "chains.electrum.source",
        "chains.esplora",
        "chains.readers",
        "chains.sources",
        "chains.transport",
    }

    assert "attest.verify" in loaded
    assert loaded & (network | own) == set()


def test_the_adapters_are_the_only_doors_to_untyped_libraries() -> None:
    doors = {
        "btclib": {
            "chains/utxo/descriptors.py",
            "proofs/utxo/btclib_bip322.py",
            "proofs/utxo/btclib_spend.py",
        },
        "btclib_wallet": {
            "chains/utxo/descriptors.py",
            "proofs/utxo/btclib_bip322.py",
            "proofs/utxo/btclib_spend.py",
        },
        "bitcoin": {"chains/utxo/history/transaction.py", "proofs/utxo/bitcoinlib_message.py"},
        "yaml": {"attest/imports/yamltext.py"},
        "coincurve._libsecp256k1": {"proofs/key_recovery.py"},
        "pyarrow": {
            "attest/liabilities/ordering.py",
            "config/ledger/arrow.py",
            "config/ledger/vectors.py",
        },
        "duckdb": {"config/ledger/duck.py"},
        "ray": {"attest/liabilities/cluster.py"},
        "pkcs11": {"attest/signers/pkcs11.py"},
        "securesystemslib": {"attest/signers/cloud.py"},
        "rfc3161_client": {"attest/timestamps/rfc3161.py"},
        "opentimestamps": {"attest/timestamps/opentimestamps.py"},
    }
    met = {
        library: {
            name_of(path)
            for path in MODULES
            if library in {part for name in imports_of(path) for part in (name, name.split(".")[0])}
        }
        for library in doors
    }

    assert doors == met
