"""The people of a programme: list, one person, invitation."""
