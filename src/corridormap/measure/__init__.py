"""Measuring on the ellipsoid."""
