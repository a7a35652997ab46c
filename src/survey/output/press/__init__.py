"""Typesetting, QR codes, fonts."""
