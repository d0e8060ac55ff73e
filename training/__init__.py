"""How our own small differences to MiniLM are made, from data to file. The program never imports this."""
