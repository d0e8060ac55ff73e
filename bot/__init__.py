"""The core: what the bot means. No SDK, no SQL, no model and no input or output in here."""
