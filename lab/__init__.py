"""A whole telephone network on loopback: the PBX, a simulated carrier, softphones and load.

    python -m lab prepare     install what is missing, fetch a real Asterisk     prepare.py, apt.py
    python -m lab up          start it                                            laboratory.py
    python -m lab script F    what each number does when it is called             carrier.py
    python -m lab down        end it, leave nothing

Only the standard library is used, and dialer.adapters.carrier, which keeps to it as well: the laboratory must run
before any virtual environment exists.
"""


class LaboratoryError(Exception):
    """The laboratory cannot do what was asked; the message says what to do about it."""
