"""Cases of some positions and books, made out of the passing example."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from attest.lines import lines
from config.books.books import Books
from config.books.liabilities import Liability
from tests.attest.held import AS_OF, ETH
from tests.attest.pasted import KEY, follower

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from attest.keys import SigningKey
    from attest.pipeline import Work
    from attest.positions import Position
    from attest.rules.case import Case
    from tests.attest.pasted import Bundle, Follow


@pytest.fixture
def case(work: Work) -> Callable[..., Case]:
    """Make a case of some positions and books out of the example's."""

    def make(*held: Position, books: Books | None = None, **change: object) -> Case:
        owed = books or Books((Liability(ETH, 100, AS_OF),), ())
        inputs = replace(work.inputs, books=owed)
        made = replace(
            work.case, inputs=inputs, as_of=AS_OF, positions=held, lines=lines(held), controls=()
        )
        return replace(made, **change)  # type: ignore[arg-type]  # fields by name

    return make


@pytest.fixture(params=["bash", "dash"])
def follow(request: pytest.FixtureRequest, tmp_path: Path) -> Follow:
    """Give what a shell says that follows the guide of a bundle with what its reader received."""
    return follower(request.param, tmp_path)


@pytest.fixture
def received(signer: SigningKey) -> Bundle:
    """The signer's key, as the reader of a bundle received it."""
    return {KEY: signer.public.pem}
