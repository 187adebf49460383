"""Verification: of two photographs, one person or two? Networks measured as the field does."""
