"""What the core needs from outside, as small Protocols. `app/wiring.py` provides them."""
