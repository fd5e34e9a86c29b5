"""Which brands are there, and does a campaign speak for one, and only for that one?"""

from collections.abc import Collection, Iterable, Mapping
from http import HTTPStatus
from typing import Self

from aiohttp import web
from pydantic import AwareDatetime, BaseModel

from api.operations import Answer, Asked, B, Nothing, Q, operation, reply
from api.problems import FieldError, Problem, invalid, not_found
from api.revisions import MAY_BE_EXPECTED, expected_revision
from api.service import Service
from dialer.core.brands import BrandSettings, contradictions, others_named, under
from dialer.core.languages import SpokenIn
from dialer.core.plan import CampaignSettings
from dialer.core.scenarios import ScenarioVersion
from dialer.ports.store import Brand, Conflict, Overtaken


class BrandShown(BaseModel):
    brand_id: str
    revision: int
    updated_at: AwareDatetime
    settings: BrandSettings

    @classmethod
    def of(cls, brand: Brand) -> Self:
        return cls(brand_id=brand.id, revision=brand.revision, updated_at=brand.updated_at, settings=brand.settings)


class BrandsShown(BaseModel):
    brands: list[BrandShown]


_TAGGED = {"ETag": "the revision of the brand"}


@operation(
    "Create a brand, or change it",
    {
        HTTPStatus.OK: Answer("The brand, changed.", BrandShown, headers=_TAGGED),
        HTTPStatus.CREATED: Answer("The brand.", BrandShown, headers=_TAGGED),
    },
    problems={
        HTTPStatus.CONFLICT: "It belongs to somebody else, or another brand presents its caller number.",
        HTTPStatus.PRECONDITION_FAILED: "It has changed since it was read.",
    },
    headers=MAY_BE_EXPECTED,
)
async def put(asked: Asked[Nothing, BrandSettings]) -> web.StreamResponse:
    """Every campaign that names it changes with it: messages that say it are made anew before the next call."""
    service, settings, brand_id = asked.service, asked.body, asked.path["brand_id"]
    revision = expected_revision(asked.request, "a brand")
    if asked.client_id is not None and settings.client_id is None:
        settings = settings.model_copy(update={"client_id": asked.client_id})
    known = await service.store.brand(brand_id)
    if known is not None and asked.client_id not in (None, known.settings.client_id):
        raise not_found(f"brand {brand_id} that this key may change: choose another brand_id")
    errors = []
    if asked.client_id not in (None, settings.client_id):
        errors.append(FieldError(pointer="#/client_id", detail=f"the key speaks for {asked.client_id} only"))
    if problem := service.presentable(settings.caller_number):
        errors.append(FieldError(pointer="#/caller_number", detail=problem))
    if settings.voice and (unheard := await service.voice.unheard(settings.voice)):
        errors.append(FieldError(pointer="#/voice", detail=unheard))
    if settings.answers_with and (problem := await service.voice.unanswerable(brand_id, settings)):
        errors.append(FieldError(pointer="#/answers_with", detail=problem))
    others = {each.settings.name for each in await service.store.brands() if each.id != brand_id}
    answers = await _text_of(service, settings.client_id or "", settings.answers_with)
    errors += _others((settings.name, settings.neutral_name), {"answers_with": answers}, others)
    if errors:
        raise invalid("the brand cannot be used", errors)
    try:
        brand = await service.store.put_brand(brand_id, settings, service.clock.now(), asked.actor, revision)
    except Overtaken as overtaken:
        raise Problem(HTTPStatus.PRECONDITION_FAILED, f"{overtaken}: read it again and decide anew") from overtaken
    except Conflict as conflict:
        raise Problem(HTTPStatus.CONFLICT, f"{conflict}: choose another") from conflict
    await service.engine.lanes.refresh()
    return reply(BrandShown.of(brand), HTTPStatus.CREATED if brand.revision == 1 else HTTPStatus.OK, _tag(brand))


@operation("List the brands", {HTTPStatus.OK: Answer("All that the key may see, by id.", BrandsShown)})
async def list_all(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    brands = await asked.service.store.brands()
    return reply(BrandsShown(brands=[BrandShown.of(brand) for brand in brands if _may_see(asked, brand)]))


@operation("See a brand", {HTTPStatus.OK: Answer("The brand.", BrandShown, headers=_TAGGED)})
async def show(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """To a client's key, its own brands and the operator's."""
    brand = await asked.service.store.brand(asked.path["brand_id"])
    if brand is None or not _may_see(asked, brand):
        raise not_found(f"brand {asked.path['brand_id']}")
    return reply(BrandShown.of(brand), headers=_tag(brand))


async def branded(
    asked: Asked[Q, B], campaign_id: str, settings: CampaignSettings
) -> tuple[CampaignSettings, list[FieldError]]:
    """The campaign's settings with what its brand says, and why it may not speak under that name."""
    service, errors = asked.service, []
    brand = await service.store.brand(settings.brand_id) if settings.brand_id else None
    if settings.brand_id and (brand is None or brand.settings.client_id not in (None, settings.client_id)):
        return settings, [FieldError(pointer="#/brand_id", detail=f"there is no brand {settings.brand_id}")]
    if brand is not None:
        said = contradictions(brand.settings, settings)
        errors += [FieldError(pointer=f"#/{name}", detail=detail) for name, detail in said]
        settings = under(brand.id, brand.settings, settings)
    if problem := service.presentable(settings.cli):
        errors.append(FieldError(pointer="#/cli", detail=problem))
    brands = [each for each in await service.store.brands() if brand is None or each.id != brand.id]
    if any(each.settings.caller_number == settings.cli for each in brands):
        errors.append(FieldError(pointer="#/cli", detail="another brand presents this number"))
    campaigns = [each.settings for each in await service.store.campaigns(None) if each.id != campaign_id]
    others = {each.settings.name for each in brands} | {each.brand for each in campaigns}
    own = {settings.brand, settings.brand_neutral, settings.creditor}
    return settings, errors + _others(own, await _texts(service, settings), others)


def _others(own: Iterable[str], texts: Mapping[str, str], others: Collection[str]) -> list[FieldError]:
    """The texts that name another brand, by the field that says each."""
    return [
        FieldError(pointer=f"#/{field}", detail=f"it names {name}, which is another brand: say {{brand}} instead")
        for field, text in texts.items()
        for name in others_named(text, set(own), others)
    ]


async def _texts(service: Service, settings: CampaignSettings) -> dict[str, str]:
    """What the campaign says, by the field that says it."""
    name, version = settings.scenario, settings.scenario_version
    own = ScenarioVersion(scenario=name, version=version) if name is not None and version is not None else None
    texts = await _said(service, settings.client_id, settings, own)
    for language, other in settings.languages.items():
        said = await _said(service, settings.client_id, other, other.scenario)
        texts |= {f"languages/{language}/{field}": text for field, text in said.items()}
    return texts


async def _said(
    service: Service, client_id: str, says: CampaignSettings | SpokenIn, scenario: ScenarioVersion | None
) -> dict[str, str]:
    named = {f"promise_{what}": which for what, which in says.said_of_promises().items()}
    told = {
        field: await _text_of(service, client_id, which) for field, which in {"scenario": scenario, **named}.items()
    }
    return {"message": says.message or "", "voicemail_message": says.voicemail_message, **told}


async def _text_of(service: Service, client_id: str, scenario: ScenarioVersion | None) -> str:
    if scenario is None:
        return ""
    known = await service.store.scenario(client_id, scenario.scenario, scenario.version)
    return "\n".join(known.sources.values()) if known else ""


def _may_see(asked: Asked[Q, B], brand: Brand) -> bool:
    return asked.client_id is None or brand.settings.client_id in (None, asked.client_id)


def _tag(brand: Brand) -> dict[str, str]:
    return {"ETag": f'"{brand.revision}"'}
