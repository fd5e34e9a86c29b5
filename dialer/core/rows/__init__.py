"""What do the rows of a call list say, and which of them are accepted?

`row` judges one row by itself and asks `text`, `numbers`, `amounts` and `dates` about its values; `repeats` compares it
with the rows before it. All of them answer in the words of `verdicts`.
"""
