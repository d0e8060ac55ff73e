"""Replies to Slack's blocks, messages and views."""
