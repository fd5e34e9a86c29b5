"""What does the engine keep, and in which units of work?

Every method is one transaction: it happened wholly and is on disk when the method returns, or it did not happen.
"""

from typing import Protocol

from dialer.ports.store.agents import Agents, Listened, Listens, TalkBegun
from dialer.ports.store.audit import Audit, AuditEntry, AuditFilter
from dialer.ports.store.balances import Balances, BalanceView, Settled
from dialer.ports.store.batches import Batch, Batches, BatchFilter, BatchOrder, BatchRow, TakenRow
from dialer.ports.store.brands import Brand, Brands, Prompt
from dialer.ports.store.call_backs import CallBack, CallBacks
from dialer.ports.store.calloffs import CalledOff, CallOffs
from dialer.ports.store.campaigns import Campaign, CampaignFigures, Campaigns
from dialer.ports.store.cases import CaseChanged, CaseFilter, Cases, CasesChanged, CaseView, UnknownCase
from dialer.ports.store.certificates import Certificate, Certificates
from dialer.ports.store.clients import ClientFigures, Clients, ClientView
from dialer.ports.store.erasures import Erasure, ErasureBegun, Erasures, ErasureState
from dialer.ports.store.failures import Conflict, Overtaken, StoreFailed
from dialer.ports.store.feed import Feed, FeedEntry
from dialer.ports.store.inbound import InboundCalls
from dialer.ports.store.keys import Key, Keys, KeyView
from dialer.ports.store.ledger import WOKEN, Concluded, Conclusion, Ledger
from dialer.ports.store.messages import Messages, Unvoiced, Voiced
from dialer.ports.store.pacing import PacingStore
from dialer.ports.store.promises import JudgedPromise, OpenPromise, Promises
from dialer.ports.store.recorded_talks import RecordedTalk, RecordedTalks
from dialer.ports.store.reports import REACHED, By, Figures, Reports, Row, Span
from dialer.ports.store.requests import KeptAnswer, NamedRequest, Repeated, Requests
from dialer.ports.store.retention import Access, AccessEntry, Retention
from dialer.ports.store.scenarios import Scenario, Scenarios
from dialer.ports.store.sessions import Proof, Session, Sessions
from dialer.ports.store.stop import LONGEST_REASON, StopOrder, StopOrders, Stopped
from dialer.ports.store.suppressions import Lifted, Suppressed, Suppression, SuppressionFilter, Suppressions
from dialer.ports.store.timeline import TimelineEntry, Timelines
from dialer.ports.store.users import Role, Standing, User, Users
from dialer.ports.store.views import AttemptFilter, AttemptView, CaseStand, ContactFilter, ContactView, Known, Views
from dialer.ports.store.webhooks import DeadLetter, Progress, Webhook, WebhookChange, Webhooks
from dialer.ports.store.wrap_ups import WrapUps

__all__ = [
    "LONGEST_REASON",
    "REACHED",
    "WOKEN",
    "Access",
    "AccessEntry",
    "Agents",
    "AttemptFilter",
    "AttemptView",
    "Audit",
    "AuditEntry",
    "AuditFilter",
    "BalanceView",
    "Balances",
    "Batch",
    "BatchFilter",
    "BatchOrder",
    "BatchRow",
    "Batches",
    "Brand",
    "Brands",
    "By",
    "CallBack",
    "CallBacks",
    "CallOffs",
    "CalledOff",
    "Campaign",
    "CampaignFigures",
    "Campaigns",
    "CaseChanged",
    "CaseFilter",
    "CaseStand",
    "CaseView",
    "Cases",
    "CasesChanged",
    "Certificate",
    "Certificates",
    "ClientFigures",
    "ClientView",
    "Clients",
    "Concluded",
    "Conclusion",
    "Conflict",
    "ContactFilter",
    "ContactView",
    "DeadLetter",
    "Erasure",
    "ErasureBegun",
    "ErasureState",
    "Erasures",
    "Feed",
    "FeedEntry",
    "Figures",
    "InboundCalls",
    "JudgedPromise",
    "KeptAnswer",
    "Key",
    "KeyView",
    "Keys",
    "Known",
    "Ledger",
    "Lifted",
    "Listened",
    "Listens",
    "Messages",
    "NamedRequest",
    "OpenPromise",
    "Overtaken",
    "PacingStore",
    "Progress",
    "Promises",
    "Prompt",
    "Proof",
    "RecordedTalk",
    "RecordedTalks",
    "Repeated",
    "Reports",
    "Requests",
    "Retention",
    "Role",
    "Row",
    "Scenario",
    "Scenarios",
    "Session",
    "Sessions",
    "Settled",
    "Span",
    "Standing",
    "StopOrder",
    "StopOrders",
    "Stopped",
    "Store",
    "StoreFailed",
    "Suppressed",
    "Suppression",
    "SuppressionFilter",
    "Suppressions",
    "TakenRow",
    "TalkBegun",
    "TimelineEntry",
    "Timelines",
    "UnknownCase",
    "Unvoiced",
    "User",
    "Users",
    "Views",
    "Voiced",
    "Webhook",
    "WebhookChange",
    "Webhooks",
    "WrapUps",
]


class Store(
    Clients,
    Campaigns,
    Brands,
    Batches,
    Balances,
    Cases,
    Suppressions,
    Scenarios,
    Ledger,
    CallOffs,
    Messages,
    Views,
    Timelines,
    Erasures,
    Retention,
    Feed,
    Keys,
    Certificates,
    Users,
    Sessions,
    Audit,
    Requests,
    Webhooks,
    Reports,
    StopOrders,
    Agents,
    Listens,
    RecordedTalks,
    WrapUps,
    PacingStore,
    Promises,
    InboundCalls,
    CallBacks,
    Protocol,
):
    """Everything that is kept."""
