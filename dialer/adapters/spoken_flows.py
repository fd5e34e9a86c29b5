"""What may be said in a scenario's flow to one debtor, and can a campaign use the scenario at all?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from audio.message import NOTHING_RECORDED
from audio.phrases import Phrase, Phrases
from audio.template import UnspeakableValue
from audio.tone import faults
from dialer.adapters.prepared import Prepared, body_text, read_flow
from dialer.core.plan import CampaignSettings, Identity
from dialer.core.replies import offered_days
from dialer.core.scenarios import ScenarioState
from dialer.ports.store import Scenario, Scenarios
from dialer.ports.voice import InvalidScenario, NotSpeakable, Unusable
from ivr.flow import nodes, shipped
from ivr.flow.located import InvalidFlow
from ivr.flow.nodes import Flow
from ivr.flow.reach import reached
from ivr.flow.words import Terms, terms, words

_TELLS_OF_RECORDING = re.compile(
    r"(?<!nie )(?:jest|są|będzie|będą|zostanie|zostaną) nagrywan|\b(?:is|are|be|being) recorded", re.IGNORECASE
)


class SpokenFlows:
    """Scenarios as flows: read, checked, and prepared for each debtor."""

    def __init__(self, scenarios: Scenarios, prepared: Prepared) -> None:
        self._scenarios = scenarios
        self._prepared = prepared

    async def render(
        self,
        phrases: Phrases,
        settings: CampaignSettings,
        values: Mapping[str, object],
        today: date,
        owner: str,
        recorded: Mapping[str, Phrase] = NOTHING_RECORDED,
    ) -> tuple[str, str]:
        """The message key, and the words of the message; all that may be said is rendered.

        Raises:
            NotSpeakable: there is no such scenario that is approved, or it cannot be said to this debtor.
            AudioFailed: it cannot be rendered.
        """
        found = await self._of(settings)
        if found is None or found.state is not ScenarioState.APPROVED:
            known = "there is none" if found is None else f"it is {found.state}"
            raise NotSpeakable(f"scenario {settings.scenario}@{settings.scenario_version} is not approved: {known}")
        given = _terms(settings, today)
        try:
            said = words(read_flow(found.sources), values, given)
        except (UnspeakableValue, InvalidFlow) as error:
            raise NotSpeakable(str(error)) from error
        key = await self._prepared.keep(phrases, found.label, found.sources, said, given, owner, recorded)
        return key, body_text(said)

    def has(self, message_key: str) -> bool:
        return self._prepared.has(message_key)

    async def problems(self, settings: CampaignSettings) -> Sequence[Unusable]:
        """Why the campaign's scenario cannot be used."""
        found = await self._of(settings)
        if found is None:
            return [Unusable("scenario", f"{settings.client_id} has no {settings.scenario} of that version")]
        if found.state is not ScenarioState.APPROVED:
            return [Unusable("scenario_version", f"version {found.version} of {found.name} is {found.state}")]
        try:
            flow = read_flow(found.sources)
        except InvalidFlow as error:  # another release could read it
            return [Unusable("scenario", problem) for problem in error.problems]
        if flow.language != settings.language:
            return [Unusable("scenario", f"{found.name} is in {flow.language}, the campaign in {settings.language}")]
        if untrue := _untrue(flow, settings):
            return [Unusable("recording", untrue)]
        identity = flow.identity
        if identity is nodes.Identity.INBOUND:
            return [Unusable("scenario", f"{found.name} is for those who call us")]
        if identity is nodes.Identity.REQUIRED and settings.identity is Identity.NONE and not settings.may_tell_of_debt:
            return [Unusable("identity", f"{found.name} tells of the debt: it needs the identity (dtmf or company)")]
        return []

    async def unanswerable(self, settings: CampaignSettings) -> str | None:
        """Why nobody who calls can be led through the scenario."""
        found, name = await self._of(settings), f"{settings.scenario}@{settings.scenario_version}"
        if found is None or found.state is not ScenarioState.APPROVED:
            return f"{settings.client_id} has no {name} that is approved"
        try:
            flow = read_flow(found.sources)
        except InvalidFlow as error:  # another release could read it
            return str(error)
        if flow.language != settings.language:
            return f"{name} is in {flow.language}, the brand in {settings.language}"
        if untrue := _untrue(flow, settings):
            return untrue
        is_inbound = flow.identity is nodes.Identity.INBOUND
        return None if is_inbound else f"{name} is not for those who call us (identity: inbound)"

    async def _of(self, settings: CampaignSettings) -> Scenario | None:
        if settings.scenario is None or settings.scenario_version is None:
            return None
        return await self._scenarios.scenario(settings.client_id, settings.scenario, settings.scenario_version)


def flow_sources(name: str, source: str | None) -> Mapping[str, str]:
    """The files of a flow, its own first: those of a shipped one where no source is given.

    Raises:
        InvalidScenario: with every problem.
    """
    file = f"{name}.yaml"
    try:
        text = shipped.source(name) if source is None else source
        flow = shipped.flow(text, file)
    except KeyError as error:
        raise InvalidScenario([str(error.args[0])]) from error
    except InvalidFlow as error:
        raise InvalidScenario(error.problems) from error
    if harsh := list(_harsh(flow)):
        raise InvalidScenario(harsh)
    return {file: text, **{used: shipped.shared()[used] for used in _used(flow, file)}}


def _harsh(flow: Flow) -> Iterator[str]:
    """Words that frighten or sell; a flow may say none but those for which somebody answers."""
    approved = flow.tone_approval.words if flow.tone_approval else ()
    for text in flow.texts.values():
        for template in text.alternatives:
            said = "".join(piece if isinstance(piece, str) else "{}" for piece in template.pieces)
            for fault in faults(said, template.language, approved):
                yield f"{text.place}: {fault}"


def _untrue(flow: Flow, settings: CampaignSettings) -> str | None:
    """Why what it says of recording is not so."""
    if settings.are_recorded:
        return None
    names = {name for spot in reached(flow) for name in nodes.said(flow.nodes[spot.node])}
    for text in (flow.texts[name] for name in sorted(names)):
        said = " ".join(piece for template in text.alternatives for piece in template.pieces if isinstance(piece, str))
        if not text.tells_of_recording and _TELLS_OF_RECORDING.search(" ".join(said.split())):
            return (
                f"{text.place}: {text.name} says that calls are recorded, and none is (recording): say so in a text "
                "{recorded: …}, which is said only where it is true"
            )
    return None


def _used(flow: Flow, own: str) -> list[str]:
    files = {each.place.file for each in (*flow.texts.values(), *flow.nodes.values())}
    return sorted(files - {own})


def _terms(settings: CampaignSettings, today: date) -> Terms:
    rules = settings.reply_rules()
    offered = offered_days(today, rules, settings.holidays)
    return terms(today, offered, today + rules.promise_within, may_be_told=settings.may_tell_of_debt)
