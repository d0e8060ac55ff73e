"""The repositories: all SQL queries, one file a subject."""
