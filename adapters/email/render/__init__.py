"""Replies → mails and pages."""
