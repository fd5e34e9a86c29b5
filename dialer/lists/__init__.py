"""What do the files say that are sent to us, and which rows of a call list become contacts?"""
