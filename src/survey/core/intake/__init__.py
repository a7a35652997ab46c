"""What comes in otherwise: files of lists, rating tables."""
