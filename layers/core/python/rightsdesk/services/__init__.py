"""The use cases: one module for each, named by its verb as its function is."""
