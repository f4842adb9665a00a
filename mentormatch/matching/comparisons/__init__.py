"""Comparisons: how well one field of an intern fits one of a host, from 0 to 1, block by block."""
