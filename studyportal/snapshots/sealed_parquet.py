"""Parquet files under Parquet modular encryption (AES-256-GCM), each with a key of its own.

pyarrow writes and reads them, and DuckDB 2.0 reads them (`PRAGMA add_parquet_key('k', '<base64 of the key>')`).
DuckDB 2.0 opens a column chunk only if it is a single data page, a dictionary page before it allowed: hence the sizes.
"""

import io
import secrets
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.parquet.encryption import create_decryption_properties, create_encryption_properties

from studyportal.errors import CannotOpen

# DuckDB takes base64 of 32 bytes as a key; that of 16 bytes it mistakes for a key of 24 letters.
KEY_SIZE = 32
ROWS_PER_GROUP = 65_536
_ONE_PAGE = 1 << 30


def new_key() -> bytes:
    """32 random bytes for one file; a key is never used for two."""
    return secrets.token_bytes(KEY_SIZE)


def written(table: pa.Table, *, key: bytes) -> bytes:
    """The bytes of a sealed Parquet file; column names and row counts are sealed too."""
    sink = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata(None),
        sink,
        encryption_properties=create_encryption_properties(footer_key=key),
        compression="zstd",
        row_group_size=ROWS_PER_GROUP,
        data_page_size=_ONE_PAGE,
        dictionary_pagesize_limit=_ONE_PAGE,
        max_rows_per_page=ROWS_PER_GROUP,
    )
    return sink.getvalue()


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A sealed file and its key; no repr shows either."""

    data: bytes = field(repr=False)
    key: bytes = field(repr=False)


def sealed(table: pa.Table) -> SealedTable:
    """A table under a fresh key."""
    key = new_key()
    return SealedTable(written(table, key=key), key)


def row_count(sealed: SealedTable) -> int:
    """How many rows are inside, from the sealed footer alone; raises `CannotOpen`."""
    try:
        key = create_decryption_properties(footer_key=sealed.key)
        return pq.read_metadata(io.BytesIO(sealed.data), decryption_properties=key).num_rows
    except (OSError, pa.ArrowException):
        raise CannotOpen from None


def read(data: bytes, *, key: bytes) -> pa.Table:
    """The table inside; raises `CannotOpen` when key or bytes are not right."""
    try:
        return pq.read_table(io.BytesIO(data), decryption_properties=create_decryption_properties(footer_key=key))
    except (OSError, pa.ArrowException):
        raise CannotOpen from None
