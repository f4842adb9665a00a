"""Signing in and out of the standalone application."""
