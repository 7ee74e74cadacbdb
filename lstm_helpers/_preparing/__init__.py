"""How `check_preparation` works: later rows are replaced; what belongs to earlier ones stays."""
