"""Generations: audit, copy, verify, switch; and which were withdrawn."""
