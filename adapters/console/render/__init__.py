"""Replies → text for a terminal."""
