"""Loads on disk: manifests, parts, versions, their verification. A load without a manifest does not exist."""
