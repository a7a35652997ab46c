"""Plain pages for phones, sign-in, exports and health."""
