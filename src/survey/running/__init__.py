"""What keeps processes going: serving, listening, background jobs, stopping."""
