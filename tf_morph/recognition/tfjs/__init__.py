"""TensorFlow.js graph models: a graph as JSON, its weights in files beside it."""
