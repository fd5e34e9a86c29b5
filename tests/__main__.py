"""How are all tests run in the least time? Those that only compute, beside the others.

Two cores are there: what needs no telephone is tested while the rest is. Its report comes after the others'.
"""

import subprocess
import sys
import tempfile

ALL = "tests"
BESIDE = ("tests/dialer", "tests/api/test_any_request.py")
PYTEST = (sys.executable, "-m", "pytest")
NOT_AT_ONCE = ("-p", "no:cacheprovider")  # both would write the same file


def main() -> int:
    with (
        tempfile.TemporaryFile() as report,
        subprocess.Popen([*PYTEST, *NOT_AT_ONCE, *BESIDE], stdout=report, stderr=subprocess.STDOUT) as beside,
    ):
        try:
            rest = subprocess.run([*PYTEST, ALL, *(f"--ignore={path}" for path in BESIDE)], check=False).returncode
            ended = beside.wait()
        finally:
            beside.terminate()
            beside.wait()
            report.seek(0)
            sys.stdout.write(f"\n{' and '.join(BESIDE)}, run beside them:\n")
            sys.stdout.write(report.read().decode(errors="replace"))
    return rest or ended


if __name__ == "__main__":
    sys.exit(main())
