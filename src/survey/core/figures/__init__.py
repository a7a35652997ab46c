"""What may be seen: release, withholding, cells, charts, tables, files."""
