"""Exports as assets."""
