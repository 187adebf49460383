"""What can be measured only where the true faces of the people photographed are known."""
