"""How `trace_shapes` works: axes with identities, and a rule for each operation."""
