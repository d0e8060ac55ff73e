"""Replies to Discord's components, messages and modals."""
