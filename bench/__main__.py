"""Which figures are there, and what do the quick ones say?

python -m bench          list them
python -m bench quick    run those that need no Asterisk and take a minute together
"""

import argparse
import importlib
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    module: str
    lasts: str
    is_quick: bool = False


FIGURES = (
    Figure("bench.ami", "half a minute", is_quick=True),
    Figure("bench.agi", "half a minute", is_quick=True),
    Figure("bench.speech", "half a minute", is_quick=True),
    Figure("bench.words", "two minutes"),
    Figure("bench.pacing", "a quarter of a minute; --compare ten minutes", is_quick=True),
    Figure("bench.intake", "a minute"),
    Figure("bench.intake_http", "two minutes, with an Asterisk"),
    Figure("bench.http", "half a minute", is_quick=True),
    Figure("bench.pick", "five minutes"),
    Figure("bench.ledger", "half a minute"),
    Figure("bench.kills", "four minutes"),
    Figure("bench.settle", "a minute"),
    Figure("bench.settle_calls", "two minutes, with an Asterisk"),
    Figure("bench.answer", "two minutes, with an Asterisk"),
    Figure("bench.talks", "two minutes, with an Asterisk and softphones"),
    Figure("bench.heard", "five minutes, with an Asterisk"),
    Figure("bench.machines", "two minutes, with an Asterisk"),
    Figure("bench.originate", "three minutes for each kind of call, with an Asterisk"),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["list", "quick"], default="list")
    if parser.parse_args().what == "list":
        for figure in FIGURES:
            question = (importlib.import_module(figure.module).__doc__ or "").splitlines()[0]
            print(f"python -m {figure.module:18} {question}\n{'':28} {figure.lasts}")
        return 0
    # Each in a process of its own: processor times would mix.
    return max(subprocess.call([sys.executable, "-m", each.module]) for each in FIGURES if each.is_quick)


if __name__ == "__main__":
    sys.exit(main())
