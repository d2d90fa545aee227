"""attest liabilities page: the page on which a customer checks his proof."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer


def page(
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write; must not exist.")],
) -> None:
    """Write the page on which a customer checks his proof in a browser.

    It is one file that loads nothing and sends nothing: publish it, or let customers keep it.
    """
    from attest.cli.console import say
    from attest.disk import write_new
    from attest.liabilities.customer_page import page as customer_page

    write_new(output, customer_page())
    say(f"page: {output}")
