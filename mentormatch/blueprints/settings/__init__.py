"""Settings of a programme."""
