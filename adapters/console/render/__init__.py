"""Replies to what a terminal shows."""
