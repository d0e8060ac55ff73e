"""What the core needs of the world around it, as small Protocols; `app/wiring.py` provides them."""
