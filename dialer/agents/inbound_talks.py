"""Which agent takes a caller of a brand who asks for one, and what follows the talk?

Callers wait in one line with the callees of campaigns (``join.py``). Such a call is no attempt, and no tracker knows
it: so the switch is asked to tell of it, and what an agent says of the talk is written down beside the call.
"""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from dialer.agents.join import Joins
from dialer.agents.roster import Change, Roster
from dialer.agents.screens import Screens
from dialer.agents.wrap_up import NothingToWrapUp
from dialer.core.agent_events import Joined
from dialer.core.inbound import InboundCall, Line, is_to_us
from dialer.core.replies import ReplySettings
from dialer.core.wrap_up import Terms, WrapUp
from dialer.inbound import Inbound
from dialer.ports.store import InboundCalls

PATIENCE = timedelta(seconds=5)  # for the call to be written down

log = structlog.get_logger(__name__)


class InboundTalks:
    """``CallersTalks`` of ``wrap_up.py``."""

    def __init__(self, inbound: Inbound, calls: InboundCalls, joins: Joins, roster: Roster, screens: Screens) -> None:
        self._inbound = inbound
        self._calls = calls
        self._joins = joins
        self._screens = screens
        self._terms: dict[str, Terms] = {}
        roster.watchers.append(self._on_agent)

    def may_want_agent(self, call: InboundCall, line: Line) -> None:
        """Somebody has called."""
        if line.transfer_wait is not None:
            self._screens.calls_us(call)

    def wants_agent(self, call_id: str, line: Line, timezone: ZoneInfo) -> None:
        """The caller waits, or waits again."""
        if call := self._inbound.call(call_id):
            log.info("agent_asked", call=call_id, brand=call.brand_id)
            within = ReplySettings().reply_rules().promise_within
            self._terms[call_id] = Terms(timezone, within, limit=line.wrap_up)
            self._joins.caller_wants_agent(call, line.skills)

    def could_not_join(self, call_id: str) -> None:
        """The agent who was reserved was not there."""
        self._joins.could_not_join(call_id)

    def waits_no_more(self, call_id: str) -> None:
        """The caller is spoken to again, or has gone."""
        self._joins.waits_no_more(call_id)

    def over(self, call_id: str) -> None:
        """The caller has gone; to be told while the call is under way."""
        self._joins.waits_no_more(call_id)
        self._screens.caller_gone(call_id)
        call = self._inbound.call(call_id)
        if call is None or call.agent_id is None:
            self._terms.pop(call_id, None)

    def terms(self, call_id: str) -> Terms | None:
        """By which the talk is wrapped up; None of one from before a restart."""
        return self._terms.get(call_id)

    async def wrap_up(self, said: WrapUp) -> None:
        """Write down what the agent says.

        Raises:
            NothingToWrapUp, Conflict, StoreFailed: nothing was changed.
        """
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self._inbound.written(said.attempt_id)
        except TimeoutError:
            raise NothingToWrapUp(f"the end of call {said.attempt_id} is not written down") from None
        await self._calls.wrap_up_inbound(said, self._inbound.rest(said.answers, said.at), self._inbound.served)
        self._terms.pop(said.attempt_id, None)

    def _on_agent(self, change: Change) -> None:
        if isinstance(change.event, Joined) and is_to_us(change.event.attempt_id):
            self._inbound.joined(change.event.attempt_id, change.after.id, change.event.at)
