"""What is kept: tables, indexes and what processes share."""
