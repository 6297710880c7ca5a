"""Intelligent Mail barcodes on drawn envelopes: what is read right, wrong and not at all."""
