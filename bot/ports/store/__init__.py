"""What the core asks of the database: one file a repository, named as its SQL file."""
