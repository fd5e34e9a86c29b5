"""How is a value said in Polish? Pure functions from values to words; audio/words.py names them all."""
