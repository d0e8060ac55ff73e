"""What the page sends: HTTP answers with their headers, and requests to the bot."""
