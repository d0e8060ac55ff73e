"""Where papers come from, and the algorithms on them."""
