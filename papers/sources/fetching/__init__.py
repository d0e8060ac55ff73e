"""The HTTP client for sources: paced, retried, bounded, cached, and limited to known hosts."""
