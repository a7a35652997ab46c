"""Texts, masking, words, themes."""
