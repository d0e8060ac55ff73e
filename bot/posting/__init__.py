"""Sends what nobody asked for at the moment: digests, updated tallies, notices of lost channels."""
