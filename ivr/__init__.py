"""What is said to the callee, and what was heard of it. Works without the dialer.

request.py       what the switch asks us to play
session.py       what can happen in a conversation, and be done    (pure)
message.py       what comes next, and how much was heard           (pure)
joining.py       how an answered call reaches an agent             (pure)
transfer.py      how one is handed over that asks for an agent     (pure)
answering.py     a call to us, which is answered first             (pure)
agent_acts.py    what can happen on the way to an agent, and be done
lines.py         which ways lead to one
flow/            texts and keys as data, and their session         (pure)
flows/           the flows that are shipped
answers.py       what the callee told us with keys
protocol.py      what the bytes of AGI mean                        (pure)
commands.py      what an act asks for in words of AGI              (pure)
meaning.py       what an answer means for the session              (pure)
conversation.py  one connection, from its first byte to its report
owner.py         what whoever runs the server wants with a call
desk.py          what all connections share
deadline.py      has it come in time?
limits.py        what a peer may take of us, and the counts
server.py        who may connect, and how many; start and stop
"""
