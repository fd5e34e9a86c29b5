"""How is a value said in English? The second language, by the same questions as the first (audio/grammar.py)."""
