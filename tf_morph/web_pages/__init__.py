"""Pages that stand alone: one file each, nothing fetched, made from what lies in a folder."""
