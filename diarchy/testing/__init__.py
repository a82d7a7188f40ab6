"""Conformance kits and samples."""
