"""Where are brands and recordings kept?"""

import sqlalchemy as sa

from dialer.adapters.store.schema import Moment, metadata

brands = sa.Table(
    "brands",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("caller_number", sa.String(16), nullable=False, unique=True),  # no two brands present the same
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

prompts = sa.Table(
    "prompts",
    metadata,
    sa.Column("owner", sa.String(120), primary_key=True),  # a brand's or a client's id
    sa.Column("phrase", sa.String(64), primary_key=True),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, index=True),  # SHA-256 of the audio
    sa.Column("audio", sa.LargeBinary, nullable=False),  # as it is played: 8 kHz A-law
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
)
