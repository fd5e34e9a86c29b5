"""The store port on SQLAlchemy Core: SQLite beside the engine, or PostgreSQL."""

from dialer.adapters.store.agents import SqlAgents
from dialer.adapters.store.attempts import SqlAttempts
from dialer.adapters.store.audit import SqlAudit
from dialer.adapters.store.balances import SqlBalances
from dialer.adapters.store.batches import SqlBatches
from dialer.adapters.store.brands import SqlBrands
from dialer.adapters.store.call_backs import SqlCallBacks
from dialer.adapters.store.calloffs import SqlCallOffs
from dialer.adapters.store.campaigns import SqlCampaigns
from dialer.adapters.store.case_changes import SqlCases
from dialer.adapters.store.certificates import SqlCertificates
from dialer.adapters.store.claim import claimed, is_claimed
from dialer.adapters.store.clients import SqlClients
from dialer.adapters.store.database import Database, DatabaseUnusable
from dialer.adapters.store.erasures import SqlErasures
from dialer.adapters.store.feed import SqlFeed
from dialer.adapters.store.inbound import SqlInboundCalls
from dialer.adapters.store.keys import SqlKeys
from dialer.adapters.store.ledger import SqlLedger
from dialer.adapters.store.messages import SqlMessages
from dialer.adapters.store.pacing import SqlPacing
from dialer.adapters.store.promises import SqlPromises
from dialer.adapters.store.recorded_talks import SqlRecordedTalks
from dialer.adapters.store.reports import SqlReports
from dialer.adapters.store.requests import SqlRequests
from dialer.adapters.store.retention import SqlRetention
from dialer.adapters.store.scenarios import SqlScenarios
from dialer.adapters.store.sessions import SqlSessions
from dialer.adapters.store.stop import SqlStopOrders
from dialer.adapters.store.suppressions import SqlSuppressions
from dialer.adapters.store.timeline import SqlTimelines
from dialer.adapters.store.users import SqlUsers
from dialer.adapters.store.views import SqlViews
from dialer.adapters.store.webhooks import SqlWebhooks
from dialer.adapters.store.wrap_ups import SqlWrapUps

__all__ = ["Database", "DatabaseUnusable", "SqlStore", "claimed", "is_claimed"]


class SqlStore(
    SqlClients,
    SqlCampaigns,
    SqlBrands,
    SqlBatches,
    SqlBalances,
    SqlCases,
    SqlSuppressions,
    SqlScenarios,
    SqlLedger,
    SqlCallOffs,
    SqlMessages,
    SqlViews,
    SqlAttempts,
    SqlTimelines,
    SqlErasures,
    SqlRetention,
    SqlFeed,
    SqlKeys,
    SqlCertificates,
    SqlUsers,
    SqlSessions,
    SqlAudit,
    SqlRequests,
    SqlPacing,
    SqlPromises,
    SqlInboundCalls,
    SqlCallBacks,
    SqlWebhooks,
    SqlReports,
    SqlStopOrders,
    SqlAgents,
    SqlRecordedTalks,
    SqlWrapUps,
):
    """Everything that is kept, in one database."""
