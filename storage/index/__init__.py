"""Full text and vectors, in process."""
