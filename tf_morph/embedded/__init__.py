"""A closed world of the project's own making: faces, photographs of them, recognition networks."""
