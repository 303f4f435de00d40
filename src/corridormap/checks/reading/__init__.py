"""Read files for checking: GeoJSON in bounded memory and to the letter, other formats through GDAL."""
