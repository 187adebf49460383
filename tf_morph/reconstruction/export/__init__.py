"""A trained regressor as one file, as a Keras file and as a SavedModel."""
