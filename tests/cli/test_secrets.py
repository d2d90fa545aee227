"""What fills an endpoint's URL reaches the node, and no file, no output and no traceback."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest

from config.errors import AttestError
from tests.cli.command import attest, files_below
from tests.cli.replayed import declare, table, told
from tests.misbehaving import Reply, always, honest, serve

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = {
    "NODE_USER": "nobodys-user",
    "NODE_PASSWORD": "nobodys-password",
    "NODE_PATH_KEY": "nobodys-key-in-the-path",
}


def secret_url(place: Path, url: str) -> str:
    (place / "token").write_text("nobodys-token\n")
    host = url.removeprefix("http://")
    return f"http://${{NODE_USER}}:${{NODE_PASSWORD}}@{host}/${{NODE_PATH_KEY}}/${{file:token}}"


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return (*SECRETS.values(), "nobodys-token")


def test_secrets_reach_the_node_and_nothing_else(
    secrets: tuple[str, ...], tmp_path: Path, key: Path, waited: list[float]
) -> None:
    del waited
    (tmp_path / "declared").mkdir()
    with serve(honest(told("anvil"))) as node:
        path = declare(tmp_path / "declared", table("anvil", [secret_url(tmp_path, node.url)]))
        (tmp_path / "token").rename(tmp_path / "declared/token")
        ran = attest("run", path, "--key", key, "-o", tmp_path / "bundle", "--json")
        seen = attest("observe", path, "-o", tmp_path / "seen")
    said = [ran.out, ran.err, seen.out, seen.err]
    written = [*files_below(tmp_path / "bundle").values(), *files_below(tmp_path / "seen").values()]

    assert (0, 0) == (ran.code, seen.code)
    assert node.headers[0]["Authorization"].startswith("Basic ")
    for secret in secrets:
        assert not any(secret in text for text in said)
        assert not any(secret.encode() in data for data in written)


@pytest.mark.parametrize("reply", [Reply(b"", 500), Reply(b"<html>"), Reply(drop=True)])
def test_secrets_are_in_no_complaint(
    reply: Reply, secrets: tuple[str, ...], tmp_path: Path, key: Path, waited: list[float]
) -> None:
    del waited
    with serve(always(reply)) as node:
        path = declare(tmp_path, table("anvil", [secret_url(tmp_path, node.url)]))
        arguments = ("run", path, "--key", key, "-o", tmp_path / "bundle")
        ran = attest(*arguments)
        with pytest.raises(AttestError) as raised:
            attest("--debug", *arguments)
    shown = "".join(traceback.format_exception(raised.value))

    assert 3 == ran.code
    assert [] == [secret for secret in secrets if secret in ran.err + shown]


def test_a_secret_that_makes_no_url_is_not_shown(
    secrets: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: Path
) -> None:
    monkeypatch.setenv("NODE_HOST", "nobodys-host:port")
    path = declare(tmp_path, table("anvil", ["http://${NODE_USER}@${NODE_HOST}/"]))
    arguments = ("run", path, "--key", key, "-o", tmp_path / "bundle")
    ran = attest(*arguments)
    with pytest.raises(AttestError) as raised:
        attest("--debug", *arguments)
    shown = "".join(traceback.format_exception(raised.value))

    assert 3 == ran.code
    hidden = (*secrets, "nobodys-host")
    assert [] == [secret for secret in hidden if secret in ran.err + shown]
