"""Reads what browsers send: who is reading, which page they want, and what a form asks for."""
