"""Cartographic decisions, taken once, as data: symbols, offsets, displacement, label ranks, legend rows; every map is drawn by them."""
