"""The assignment solver: exact, with prices that prove it; knows rows and columns, not people."""
