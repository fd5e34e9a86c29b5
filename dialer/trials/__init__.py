"""Simulated campaigns with agents: worlds, the rivals' ways of pacing, and what each makes of the same hours."""
