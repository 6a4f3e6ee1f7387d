"""Which passkey a staff session began with. Frozen; a later change is a later file."""

from migrations.everywhere import passkey_sessions

revision = "keyring_3"
down_revision = "keyring_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    passkey_sessions.create()


def downgrade() -> None:
    passkey_sessions.drop()
