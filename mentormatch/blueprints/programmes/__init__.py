"""Programmes: the list, the overview."""
