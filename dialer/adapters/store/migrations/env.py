"""How Alembic runs a migration: on the connection it is given, in its transaction."""

from alembic import context

from dialer.adapters.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
