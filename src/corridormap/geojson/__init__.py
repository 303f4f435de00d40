"""GeoJSON (RFC 7946), read strictly and written canonically; the writer is the only one in the project."""

from corridormap.geojson.properties import Scalar, join_list, source_columns, split_list
from corridormap.geojson.reading import (
    GEOMETRY_TYPES,
    feature_fault,
    frame_of,
    parse,
    parse_collection,
    read,
    read_frame,
    to_frame,
    to_shape,
    to_shapes,
)
from corridormap.geojson.writing import LINE_DECIMALS, POINT_DECIMALS, dump_lines, dumps, feature_text, part_texts, rows, scalars, write

__all__ = [
    "GEOMETRY_TYPES",
    "LINE_DECIMALS",
    "POINT_DECIMALS",
    "Scalar",
    "dump_lines",
    "dumps",
    "feature_fault",
    "feature_text",
    "frame_of",
    "join_list",
    "parse",
    "parse_collection",
    "part_texts",
    "read",
    "read_frame",
    "rows",
    "scalars",
    "source_columns",
    "split_list",
    "to_frame",
    "to_shape",
    "to_shapes",
    "write",
]
