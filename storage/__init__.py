"""Storage: SQL tables, search indexes, and what processes share."""
