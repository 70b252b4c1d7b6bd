"""Blocks of settings in company.yml that belong to no concept, one module each."""
