"""The import wizard: upload, match columns, fix problems, check and import."""
