"""The read side: what pages and exports need, scoped to what the actor may see."""

from mentormatch.models.base import AnySession as Store

__all__ = ["Store"]
