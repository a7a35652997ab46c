"""Who may do what, sign-in, audit."""
