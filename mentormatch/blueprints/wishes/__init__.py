"""Whom participants wish for: said in private to the office."""
