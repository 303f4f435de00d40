"""Nodes and links made of lines from elsewhere, and links split at a new node."""
