"""Every change there is. The only callers of the engine."""
