"""Discord's payloads to events."""
