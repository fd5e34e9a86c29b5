"""Who takes an answered call, how many calls are placed for those who do, and what do agents see and say?"""
