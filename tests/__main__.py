"""How are all tests run in the least time? Those that only compute, beside those that telephone.

A test with real calls mostly waits for them, so two of them telephone at a time, each in a laboratory of its own; and
computing gives way to them, so that whoever measures a voice is not in want of a processor. Their report comes last.
"""

import os
import subprocess
import sys
import tempfile

PYTEST = (sys.executable, "-m", "pytest", "tests", "--durations=15")
LABORATORIES = "0" if "LAB_STATE" in os.environ else "2"  # none beside the one that is named
TELEPHONE = (*PYTEST, "-m", "lab", "-n", LABORATORIES, "--dist", "worksteal")
COMPUTE = ("nice", *PYTEST, "-m", "not lab", "-p", "no:cacheprovider")  # both would write the same file


def main() -> int:
    with (
        tempfile.TemporaryFile() as report,
        subprocess.Popen(COMPUTE, stdout=report, stderr=subprocess.STDOUT) as beside,
    ):
        try:
            telephoned = subprocess.run(TELEPHONE, check=False).returncode
            computed = beside.wait()
        finally:
            beside.terminate()
            beside.wait()
            report.seek(0)
            sys.stdout.write("\ntests without telephones, run beside them:\n")
            sys.stdout.write(report.read().decode(errors="replace"))
    ended = {"tests with telephones": telephoned, "tests without telephones": computed}
    sys.stdout.writelines(f"{part}: {'failed' if code else 'passed'}\n" for part, code in ended.items())
    return telephoned or computed


if __name__ == "__main__":
    sys.exit(main())
