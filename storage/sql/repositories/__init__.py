"""The repositories, one file a matter: all queries stand here."""
