"""The page of user-interface components, for developers."""
