"""Replies as HTML: values and templates, with no request and no database."""
