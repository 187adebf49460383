"""What a portrait photograph shows around the face: hair, ears, neck, clothes."""
