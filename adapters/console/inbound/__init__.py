"""Typed lines to events."""
