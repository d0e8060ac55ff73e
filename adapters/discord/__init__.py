"""Discord: drawn as layouts of components, listened to over the gateway, written to over REST."""
