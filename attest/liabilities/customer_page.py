"""The page with which a customer checks his proof of liabilities in a browser, with no network.

`page/check.html` is one file that needs nothing else: it opens from a disk, loads nothing, sends
nothing and stores nothing. Its content policy refuses requests, images, forms and every script and
style but its own two, which it names by their SHA-256; whoever edits them writes the new hashes.
What no policy refuses, going to another address, the script never does: there is no link in it.

It makes the checks of `proofs.liabilities.inclusion` again, in the same order and with the same
reasons, from the words of the encoding; SHA-256 and HMAC are the browser's. Whatever it cannot read
it refuses.

Chosen: a second, separate reading of polv1, which tests hold against this package document by
document. Refused: this package compiled for browsers, a download of megabytes that no customer
could read; and a page that asks a server, which would learn who checks and who does not.
"""

from __future__ import annotations

from importlib import resources

NAME = "check.html"
"""The file's name, in the package and wherever it is written."""


def page() -> bytes:
    """Give the page as it is handed out: HTML in UTF-8."""
    return (resources.files("attest.liabilities.page") / NAME).read_bytes()
