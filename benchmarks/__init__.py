"""Runnable comparisons of the product with its public peers."""
