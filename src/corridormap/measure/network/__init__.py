"""Ways over a network: the class, and what corridors may be asked with it."""

from corridormap.measure.network.corridors import closure, detour, route
from corridormap.measure.network.network import Network

__all__ = ["Network", "closure", "detour", "route"]
