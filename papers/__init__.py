"""The sources of papers, and the algorithms that work on papers."""
