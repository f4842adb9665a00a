"""The read side: what pages and exports need, scoped to what the actor may see."""

from sqlalchemy.exc import OperationalError as DatabaseAway

from mentormatch.models.base import AnySession as Store

__all__ = ["DatabaseAway", "Store"]
