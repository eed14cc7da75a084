"""Judging and advising: verdict, load line, what gives way, what to change, which assumptions carry the answer."""
