"""Questionnaire, form, submission, receipts, signs, tallies."""
