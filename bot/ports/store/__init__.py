"""What the core asks of the database: one repository a file, named as its SQL file."""
