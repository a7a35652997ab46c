"""The phone's door: what an enterprise sees without signing in."""
