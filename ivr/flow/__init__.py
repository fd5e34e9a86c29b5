"""What the debtor hears and presses, as data: YAML, checked when it is loaded, then a session that is a pure value.

nodes.py     what a flow is made of
located.py   where in a file a value stands
reading.py   which flow a file describes
reach.py     where a callee may come, knowing what
checks.py    what is wrong with a flow as a whole: identity before disclosure
shipped.py   the flows of ivr/flows
words.py     what is said to one debtor
speech.py    which clips that is
session.py   what comes next
"""
