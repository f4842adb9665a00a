"""MentorMatch: matches with a proof and an explanation, and relationships that last."""

from mentormatch.version import __version__

__all__ = ["__version__"]
