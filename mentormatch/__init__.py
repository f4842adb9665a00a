"""MentorMatch: matches with a proof and an explanation, and relationships that last.

The public face: `MentorMatch` mounts the product on a Flask app, `create_app` is the standalone application. Both are
loaded at first use, so that `mentormatch.matching` works in a notebook without a web framework being imported.
"""

from typing import TYPE_CHECKING, Any

from mentormatch.version import __version__

if TYPE_CHECKING:
    from mentormatch.app import create_app
    from mentormatch.extension import MentorMatch

__all__ = ["MentorMatch", "__version__", "create_app"]


def __getattr__(name: str) -> Any:
    """Load a public name at first use (PEP 562)."""
    # Imports inside a function: see the module's docstring.
    if name == "MentorMatch":
        from mentormatch.extension import MentorMatch

        return MentorMatch
    if name == "create_app":
        from mentormatch.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
