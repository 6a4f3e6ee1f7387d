"""Numbers and versions of saved cohorts, by which a paper cites them. Frozen; a later change is a later file."""

import sqlalchemy as sa
from alembic import op

revision = "workbench_6"
down_revision = "workbench_5"
branch_labels = None
depends_on = None

NEW = ("number", "version")


def _cohorts(*more: sa.schema.SchemaItem, unique: bool = True) -> sa.Table:
    """The table as it stands: SQLite makes it anew, and would otherwise forget its names."""
    of_name = (sa.UniqueConstraint("project", "name", name=op.f("uq_cohorts_project_name")),) if unique else ()
    return sa.Table(
        "cohorts",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        *more,
        *of_name,
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohorts")),
        sa.Index(op.f("ix_cohorts_project"), "project"),
    )


def upgrade() -> None:
    with op.batch_alter_table("cohorts", copy_from=_cohorts()) as batch:
        batch.drop_constraint(op.f("uq_cohorts_project_name"), type_="unique")
        for name in NEW:
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
    # Those saved before are numbered as they came, each the first of its name.
    op.execute(
        """
        UPDATE cohorts SET version = 1, number = (
            SELECT count(*) FROM cohorts AS earlier WHERE earlier.project = cohorts.project
            AND (earlier.created_at < cohorts.created_at OR (earlier.created_at = cohorts.created_at AND earlier.name <= cohorts.name))
        )
        """
    )
    columns = [sa.Column(name, sa.Integer(), nullable=True) for name in NEW]
    with op.batch_alter_table("cohorts", copy_from=_cohorts(*columns, unique=False)) as batch:
        for name in NEW:
            batch.alter_column(name, existing_type=sa.Integer(), nullable=False)
        batch.create_unique_constraint(op.f("uq_cohorts_project_number_version"), ["project", "number", "version"])
        batch.create_unique_constraint(op.f("uq_cohorts_project_name_version"), ["project", "name", "version"])


def downgrade() -> None:
    # A name stands for its newest version alone.
    op.execute(
        """
        DELETE FROM cohorts WHERE EXISTS (
            SELECT 1 FROM cohorts AS newer
            WHERE newer.project = cohorts.project AND newer.name = cohorts.name AND newer.version > cohorts.version
        )
        """
    )
    present = _cohorts(
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NEW),
        sa.UniqueConstraint("project", "number", "version", name=op.f("uq_cohorts_project_number_version")),
        sa.UniqueConstraint("project", "name", "version", name=op.f("uq_cohorts_project_name_version")),
        unique=False,
    )
    with op.batch_alter_table("cohorts", copy_from=present) as batch:
        batch.drop_constraint(op.f("uq_cohorts_project_number_version"), type_="unique")
        batch.drop_constraint(op.f("uq_cohorts_project_name_version"), type_="unique")
        for name in reversed(NEW):
            batch.drop_column(name)
        batch.create_unique_constraint(op.f("uq_cohorts_project_name"), ["project", "name"])
