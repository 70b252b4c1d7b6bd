"""Tests of the shipped companies and of the page on adding one."""
