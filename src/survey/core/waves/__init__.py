"""A round: its life, strata, codes, reminders, monitor, sealing."""
