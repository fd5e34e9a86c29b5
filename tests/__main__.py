"""How are all tests run in the least time? Those that only compute, beside those that telephone.

Two cores are there, and a test with real calls mostly waits for them. The report of those that compute comes last.
"""

import subprocess
import sys
import tempfile

TELEPHONE = ("-m", "lab")
COMPUTE = ("-m", "not lab", "-p", "no:cacheprovider")  # both would write the same file
PYTEST = (sys.executable, "-m", "pytest", "tests")


def main() -> int:
    with (
        tempfile.TemporaryFile() as report,
        subprocess.Popen([*PYTEST, *COMPUTE], stdout=report, stderr=subprocess.STDOUT) as beside,
    ):
        try:
            rest = subprocess.run([*PYTEST, *TELEPHONE], check=False).returncode
            ended = beside.wait()
        finally:
            beside.terminate()
            beside.wait()
            report.seek(0)
            sys.stdout.write("\ntests without telephones, run beside them:\n")
            sys.stdout.write(report.read().decode(errors="replace"))
    return rest or ended


if __name__ == "__main__":
    sys.exit(main())
