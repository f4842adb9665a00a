"""Criteria, weights and rules of a programme."""
