import subprocess
import sys
from pathlib import Path

import lab

ROOT = Path(lab.__file__).parent.parent


def test_the_laboratory_needs_nothing_but_python() -> None:
    without_packages = [sys.executable, "-S", "-m", "lab", "--help"]
    told = subprocess.run(without_packages, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (told.returncode, told.stderr) == (0, "")
