"""The office's door: what only those who signed in see."""
