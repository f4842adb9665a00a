"""Alembic's environment: works on the connection that `mentormatch.models.schema` hands over."""

from alembic import context

from mentormatch.models import Base
from mentormatch.models.schema import VERSION_TABLE


def ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Look at our own tables only: the database may be the host's."""
    return kind != "table" or (str(name).startswith("mm_") and name != VERSION_TABLE)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_object=ours,
    render_as_batch=True,
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
