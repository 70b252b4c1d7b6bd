"""Bytes of a file become rows of raw values, and raw values become typed ones; nothing is written here."""
