"""Bytes of an input file to text: bounded, UTF-8, line ends normalised.

Parsers of this package take text, never a path, so that a run and a later replay from a bundle read
the same bytes the same way. Reading a file is left to the command line.
"""

from __future__ import annotations

from config.errors import InputError

BOM = "\ufeff"


def decode(data: bytes, name: str, limit: int) -> str:
    """Decode an input file.

    Args:
        data: the file's bytes.
        name: the file's name, for messages.
        limit: the largest size accepted, in bytes.

    Returns:
        The text without a byte order mark, with a line feed at every line's end.

    Raises:
        InputError: the file is empty, over the limit, or not UTF-8.
    """
    if len(data) > limit:
        raise InputError.at(name, "", f"file too large: {len(data)} bytes, the limit is {limit}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        hint = "save the file as UTF-8"
        raise InputError.at(name, f"byte {error.start}", "not UTF-8", hint) from error
    text = text.removeprefix(BOM).replace("\r\n", "\n")
    if not text.strip():
        raise InputError.at(name, "", "file is empty")
    if "\0" in text:
        raise InputError.at(name, "", "text expected, met a NUL character")
    return text
