"""Use cases, the only writers: one function, one business verb, one transaction."""
