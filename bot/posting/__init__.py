"""What the bot sends by itself: digests, updated tallies and notices of lost channels."""
