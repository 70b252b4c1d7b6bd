"""Servers that the tests start: small, but with the habits of real ones."""
