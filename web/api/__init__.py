"""The HTTP API under /api/v1: the command line over HTTP, described by OpenAPI."""
