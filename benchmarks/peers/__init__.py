"""Other people's rasterizers, to measure against."""
