"""The loop that claims what is due; each handler loads, and calls one service."""
