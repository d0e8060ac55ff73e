"""Calls to Discord."""
