"""Slack's payloads to events."""
