"""What comes back from mails: links that people follow, and mails that servers return."""
