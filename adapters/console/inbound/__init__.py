"""ConsoleInput lines to events."""
