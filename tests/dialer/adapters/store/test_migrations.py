"""Does a migrated database look as the code expects, and is one that is newer than the code left alone?"""

import asyncio
import stat
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

import dialer.adapters.store
from dialer.adapters.store import Database, DatabaseUnusable, SqlStore
from dialer.adapters.store.schema import metadata
from tests.support.postgres import Postgres
from tests.support.stores import NOW, settings

MIGRATIONS = Path(dialer.adapters.store.__file__).parent / "migrations"
_serial = count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that nothing was ever kept in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'kept' / 'dzwonek.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.create(f"empty_{next(_serial)}")


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    database = Database(empty_url)
    yield database
    await database.close()


def engine_of(url: str) -> sa.Engine:
    """A way to the database that knows nothing of ours."""
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)


def constraints(engine: sa.Engine) -> dict[str, set[tuple[str, ...]]]:
    """Unique and foreign keys per table, by their columns."""
    found = sa.inspect(engine)
    return {
        table: {tuple(each["column_names"]) for each in found.get_unique_constraints(table)}
        | {(*each["constrained_columns"], each["referred_table"]) for each in found.get_foreign_keys(table)}
        for table in found.get_table_names()
        if table != "alembic_version"
    }


async def test_migrating_makes_the_tables_that_the_code_uses(empty: Database, empty_url: str) -> None:
    empty.migrate()

    with engine_of(empty_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


async def test_migrating_makes_the_keys_that_the_code_relies_on(empty: Database, empty_url: str) -> None:
    empty.migrate()
    made = constraints(engine_of(empty_url))

    expected = {
        table.name: {tuple(each.columns.keys()) for each in table.constraints if isinstance(each, sa.UniqueConstraint)}
        | {
            (*each.columns.keys(), each.referred_table.name)
            for each in table.constraints
            if isinstance(each, sa.ForeignKeyConstraint)
        }
        for table in metadata.tables.values()
    }
    assert made == expected


async def test_the_conditions_of_partial_indexes_are_those_of_the_code(empty: Database, empty_url: str) -> None:
    empty.migrate()

    found = sa.inspect(engine_of(empty_url))
    option = f"{found.dialect.name}_where"
    conditions = {
        index["name"]: str(index["dialect_options"][option])
        for table in metadata.tables
        for index in found.get_indexes(table)
        if option in index.get("dialect_options", {})
    }
    assert set(conditions) == {
        "ix_contacts_ready", "ix_contacts_agreed", "ix_contacts_due", "ix_contacts_unvoiced",
        "ix_attempts_open", "ix_attempts_agent", "ix_call_backs_open",
        "ix_cases_closed", "ix_cases_disputed", "ix_cases_held", "ix_cases_promised",
    }  # fmt: skip
    assert ("NOT NULL" in conditions["ix_contacts_due"], "NOT" in conditions["ix_contacts_unvoiced"]) == (True, False)


async def test_migrating_again_changes_nothing(empty: Database) -> None:
    empty.migrate()
    await SqlStore(empty).put_campaign("RENT", settings(), NOW, None)

    empty.migrate()

    assert await SqlStore(empty).campaign("RENT") is not None


async def test_every_step_can_be_taken_back(empty: Database, empty_url: str) -> None:
    empty.migrate()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    with engine_of(empty_url).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    assert sa.inspect(engine_of(empty_url)).get_table_names() == ["alembic_version"]


async def test_whoever_had_campaigns_is_a_client_after_the_update(empty: Database, empty_url: str) -> None:
    empty.migrate()
    for campaign in ("RENT", "FLATS"):
        await SqlStore(empty).put_campaign(campaign, settings(), NOW, None)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine_of(empty_url).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0027")

    empty.migrate()

    [client] = await SqlStore(empty).clients(None)
    assert (client.id, client.settings.name, client.updated_at) == ("CL-CZYNSZ", "CL-CZYNSZ", NOW)


async def test_settings_that_cannot_be_read_any_more_are_mended_by_the_update(empty: Database, empty_url: str) -> None:
    empty.migrate()
    await SqlStore(empty).put_campaign("RENT", settings(), NOW, None)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    campaigns = metadata.tables["campaigns"]
    old = settings().model_dump(mode="json") | {
        "brand": "Rent\tand more", "not_before": "9999-12-31T23:59:59-23:59", "not_after": "9999-12-31T23:59:59-23:59",
    }  # fmt: skip
    with engine_of(empty_url).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0033")
        connection.execute(campaigns.update().values(settings=old))

    empty.migrate()

    campaign = await SqlStore(empty).campaign("RENT")
    assert campaign is not None
    assert campaign.settings == settings(
        brand="Rent and more", not_before="2199-12-30T00:00:00Z", not_after="2199-12-31T00:00:00Z"
    )


async def test_a_database_of_a_newer_version_is_left_alone(empty: Database, empty_url: str) -> None:
    empty.migrate()
    with engine_of(empty_url).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseUnusable, match=r"schema 9999.*restore the backup"):
        empty.migrate()


async def test_engines_that_start_together_migrate_once(empty: Database, empty_url: str) -> None:
    other = Database(empty_url)
    await asyncio.gather(asyncio.to_thread(empty.migrate), asyncio.to_thread(other.migrate))

    assert await SqlStore(other).campaigns(None) == []
    await other.close()


async def test_nobody_else_may_read_the_debtors(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'dzwonek.db'}")
    database.migrate()
    await SqlStore(database).put_campaign("RENT", settings(), NOW, None)

    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    await database.close()
    assert rights == {"dzwonek.db": 0o600, "dzwonek.db-wal": 0o600, "dzwonek.db-shm": 0o600}


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("mysql://user:secret@host/db", "no database we know"),
        ("what is this: secret", "should be like"),
    ],
)
def test_a_url_of_no_database_is_refused_without_showing_secrets(url: str, remedy: str) -> None:
    with pytest.raises(DatabaseUnusable, match=remedy) as refused:
        Database(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["sqlite:////proc/nothing/dzwonek.db", "postgresql://u:secret@127.0.0.1:1/dzwonek"])
async def test_a_database_that_cannot_be_reached_is_told_without_its_password(url: str) -> None:
    database = Database(url)

    with pytest.raises(DatabaseUnusable) as refused:
        database.migrate()
    await database.close()
    assert "secret" not in str(refused.value)


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "dzwonek.db").write_text("This is a diary. " * 100)
    database = Database(f"sqlite:///{tmp_path / 'dzwonek.db'}")

    with pytest.raises(DatabaseUnusable, match="not a database"):
        database.migrate()
    await database.close()
