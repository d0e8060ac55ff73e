"""How files that ship with the program are made, from data to file. The program never imports this."""
