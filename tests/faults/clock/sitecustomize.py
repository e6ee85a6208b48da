"""Sets the clock of a Python process: it is as far ahead as the file of PARLEY_FAULTS_CLOCK says, at every moment.

The folder of this file stands in PYTHONPATH of the processes that the harness starts, so Python imports it first. They
run the real command line; nothing of Parley is replaced. The file holds one signed number of 8 bytes, in seconds.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Callable

OFFSET = struct.Struct("=q")


def skewed(path: str, true_time: Callable[[], float]) -> Callable[[], float]:
    """A clock that is ahead of the true one by what the file holds when it is asked."""
    with open(path, "rb") as file:
        held = mmap.mmap(file.fileno(), OFFSET.size, prot=mmap.PROT_READ)
    return lambda: true_time() + OFFSET.unpack_from(held)[0]


if path := os.environ.get("PARLEY_FAULTS_CLOCK"):
    time.time = skewed(path, time.time)
