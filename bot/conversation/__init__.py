"""Answers people: turns an event into a reply."""
