"""Photographs prepared for training: cropped, their features computed, in shards on disk.

FOLDER/manifest.json            what was prepared how, and every shard; written last
FOLDER/index.csv                every photograph: whose it is and where it lies
FOLDER/skipped.csv              photographs that could not be used, with the reason
FOLDER/shards/NAME.images       TFRecords of the cropped photographs
FOLDER/shards/NAME.features     TFRecords of their features, in the same order
FOLDER/shards/NAME.json         what this shard holds; written after the other two
"""
