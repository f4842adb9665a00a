"""Matching as an optimisation problem: scores, exact assignment, explanation. Pure; usable in a notebook."""
