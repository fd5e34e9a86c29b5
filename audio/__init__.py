"""How does a debtor's message become sound? Text template → words → speech → 8 kHz A-law files, ready before the call.

    template.py   a text with typed {variables}, checked when it is saved       variables.py, texts.py
    words.py      values as words, in every language                           grammar.py, values.py, polish/, english/
    tone.py       words that threaten or sell are refused
    speech.py     what is needed of a speech engine                             engines/, voices.py
    render.py     an engine's sound as A-law: resampled, levelled, cut
    phrases.py    the cache: the same words are synthesised once                eviction.py, owners.py, storage.py
    recorded.py   recordings of people, played in place of fixed phrases
    message.py    sentences joined to the one file that a call plays after its greeting

Knows neither the dialer nor the API: `python -m audio say "Dzień dobry." -o greeting.wav`.
"""
