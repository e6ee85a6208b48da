"""What the tests of the examples need: programs of the system, where there are any."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import parley

DEPLOY = Path(parley.__file__).parent.parent / "deploy"


def program(name: str, package: str) -> str:
    """The path of a program; without it the test is skipped, and fails where CI=true."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        why = f"there is no {name}; apt-get install {package}"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    return found
