"""The one HTTP server, and what bounds its callers."""
