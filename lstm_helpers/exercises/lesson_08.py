from lstm_helpers.exercises._verdict import wrong
CHECKS = {f"08.{i}": lambda a: wrong("later") for i in (1,2,3)}
