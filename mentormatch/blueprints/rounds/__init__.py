"""Matching rounds: settings, run, review, publish, export."""
