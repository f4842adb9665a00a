"""Cohort groups: diverse within, alike between."""
