"""Open what was sealed: for custody, and for a participant's own course. Research is shipped without this folder.

No key is tried: a record names its key, and any other is refused. Every failure is errors.CannotOpen with the same
sentence, whether the key, the context or a bit was wrong.
"""

from studyportal.sealing.opening.opener import (
    BlockOpener,
    Opener,
    block_key,
    open_block,
    seal_block,
    unseal,
    unseal_as_reader,
)
from studyportal.sealing.opening.session import open_under_token
from studyportal.sealing.opening.wrapping import WrappingKey, new_kek, rewrap_seed, unwrap_seed, wrap_seed

__all__ = [
    "BlockOpener",
    "Opener",
    "WrappingKey",
    "block_key",
    "new_kek",
    "open_block",
    "open_under_token",
    "rewrap_seed",
    "seal_block",
    "unseal",
    "unseal_as_reader",
    "unwrap_seed",
    "wrap_seed",
]
