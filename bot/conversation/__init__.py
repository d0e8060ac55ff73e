"""Answering people: from an event to a reply."""
