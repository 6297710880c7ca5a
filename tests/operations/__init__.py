"""Keeping an installation: backups, the watched folder."""
