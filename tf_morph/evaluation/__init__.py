"""What a trained run is worth: recall, similarity and coefficients; tables, figures, a report."""
