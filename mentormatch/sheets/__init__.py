"""Spreadsheets as career centres have them: read, recognised, checked, written."""
