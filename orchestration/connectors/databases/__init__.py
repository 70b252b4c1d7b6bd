"""Databases: PostgreSQL, MySQL and MariaDB."""
