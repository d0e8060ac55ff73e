"""What the words mean: rules that need nothing but themselves."""
