"""How are tens of thousands of rows held without the garbage collector stopping the calls?

A full collection looks at every object there is, with everything else standing still: 50 to 130 ms, again and again,
while the rows of one file come into being. They are in no cycle and go as soon as nobody needs them.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

_blocks = count()  # so that the last of several to end lets collections begin again
_open: set[int] = set()


@contextmanager
def postponed() -> Iterator[None]:
    """No collection begins by itself within the block."""
    block = next(_blocks)
    _open.add(block)
    gc.disable()
    try:
        yield
    finally:
        _open.discard(block)
        if not _open:
            gc.enable()
