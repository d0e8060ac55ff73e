"""Brings papers in: polls feeds, looks papers up, and follows links."""
