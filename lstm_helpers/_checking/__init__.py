"""How `dependencies` and `check_model` work: a model is asked what changes when its input does."""
