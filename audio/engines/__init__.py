"""Which speech engines are there? Each is an adapter behind audio.speech.SpeechEngine."""
