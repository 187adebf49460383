"""The regressor: photograph to coefficients, and how it is trained without labels."""
