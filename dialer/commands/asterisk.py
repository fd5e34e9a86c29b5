"""What do Asterisk and the engine have to know of each other?"""

from collections.abc import Callable
from datetime import timedelta

from audio.phrases import Phrase
from dialer.adapters.ami.link import LinkSettings
from dialer.adapters.ami.switch import AsteriskSettings
from dialer.adapters.flows import MessageFlows
from dialer.adapters.inbound_flows import InboundFlows
from dialer.adapters.meetings import AgentFlows
from dialer.config import Settings, address
from dialer.config_files import routes_in
from dialer.ports import Presence
from dialer.recorded_talks import ENDING
from ivr.limits import Limits
from ivr.request import Request
from ivr.server import FastAGIServer
from ivr.session import Act


def manager(settings: Settings) -> AsteriskSettings:
    host, port = address("ami", settings.ami)
    link = LinkSettings(host, port, settings.ami_user, settings.ami_secret)
    own = {route.name: route.dial for route in routes_in(settings) if route.dial}
    return AsteriskSettings(link, settings.dial, own)


def fastagi(settings: Settings, flows: MessageFlows, inbound: InboundFlows, agents: AgentFlows) -> FastAGIServer:
    host, port = address("agi_listen", settings.agi_listen)
    peers = [peer.strip() for peer in settings.agi_peers.split(",") if peer.strip()]
    limits = Limits(grace=timedelta(seconds=settings.grace_seconds))

    def of(request: Request) -> MessageFlows | InboundFlows:
        return inbound if request.is_inbound else flows

    def acted(request: Request, act: Act) -> None:
        (inbound if request.is_inbound else agents).acted(request, act)

    return FastAGIServer(
        lambda request: of(request).find(request), lambda request, outcome: of(request).report(request, outcome),
        host=host, port=port, limits=limits, allow_remote=bool(peers), peers=peers,
        acted=acted,
    )  # fmt: skip


def paths_in_asterisk(settings: Settings) -> Callable[[Phrase], str]:
    """Names an audio file as Asterisk wants it: its own view of the folder, and no ending."""
    seen = settings.sounds_in_asterisk or str(settings.sounds.resolve())  # once: it looks at every folder on the way
    return lambda phrase: f"{seen}/{phrase.name}"


def tapes_in_asterisk(settings: Settings) -> Callable[[str], str]:
    """Names an attempt's recording as Asterisk sees it."""
    seen = settings.recordings_in_asterisk or str(settings.recordings.resolve())
    return lambda attempt_id: f"{seen}/{attempt_id}{ENDING}"


def switch_trouble(settings: Settings, presence: Presence) -> dict[str, str]:
    """What to do about a switch that cannot be used; empty when it can."""
    match presence:
        case Presence.AWAY:
            return {"switch": f"no Asterisk at {settings.ami}: start it, or set DZWONEK_AMI; see also: dzwonek check"}
        case Presence.REFUSED:
            return {
                "switch": f"Asterisk at {settings.ami} refuses our login: set DZWONEK_AMI_SECRET to the secret of "
                f"[{settings.ami_user}] in manager.conf, and permit this machine there"
            }
    return {}
