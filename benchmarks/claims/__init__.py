"""The paper's claims tried in the embedded world: runs that could refute them, and their tables."""
