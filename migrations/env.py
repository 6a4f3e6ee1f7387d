"""Run one database's history inside the transaction and on the connection that `portal.migrating` hands over.

All three histories share this file. Started any other way (the `alembic` command) it refuses, because only
`portal.migrating` knows which database belongs to which history.
"""

from alembic import context

from studyportal.errors import Unsafe

connection = context.config.attributes.get("connection")
if connection is None:
    raise Unsafe("Run migrations with `studyportal database upgrade`.")

context.configure(connection=connection, target_metadata=context.config.attributes["metadata"])
context.run_migrations()
