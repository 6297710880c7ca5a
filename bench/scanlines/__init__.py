"""Scanlines on drawn coupons: what is read right, wrong and not at all."""
