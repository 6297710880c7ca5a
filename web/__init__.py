"""The edges: command line, pages, API, workers."""
