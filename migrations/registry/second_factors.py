"""Second factors, recovery codes and invitations of staff. Frozen; a later change is a later file."""

from migrations.everywhere import second_factors

revision = "registry_3"
down_revision = "registry_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    second_factors.create()


def downgrade() -> None:
    second_factors.drop()
