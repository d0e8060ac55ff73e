"""Replies → Slack's blocks, messages and views."""
