"""Remembering how the columns of a sheet were read, so that the next one with the same headings needs no work."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.clock import now
from mentormatch.models import UploadMapping
from mentormatch.models.base import AnySession
from mentormatch.sheets.recognition import ColumnMapping


def remember(session: AnySession, *, programme_id: int, columns: ColumnMapping) -> None:
    """Keep the mapping inside the caller's transaction; a newer one for the same headings takes its place."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    values = {"mapping": columns.to_remember(), "updated_at": now()}
    new = dialect.insert(UploadMapping).values(programme_id=programme_id, signature=columns.signature, **values)
    session.execute(new.on_conflict_do_update(index_elements=["programme_id", "signature"], set_=values))
