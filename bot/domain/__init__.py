"""The domain: its data, and rules that need no input or output."""
