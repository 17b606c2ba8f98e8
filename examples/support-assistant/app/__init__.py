"""Larkfield support assistant."""
