"""Enterprises, departments and their lists."""
