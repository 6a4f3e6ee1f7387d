"""Reports and the jobs that make them. Frozen; a later change is a later file."""

revision = "workbench_4"
down_revision = "workbench_3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
