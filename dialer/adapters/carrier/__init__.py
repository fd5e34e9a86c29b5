"""The far side of the trunk in trials: what each number does, what was seen there, and were the promises kept?

Only the standard library is used: the laboratory, which shares this, runs before any virtual environment exists.
"""
