"""Every argument of every public name: what is right, what is wrong, and what is said of it."""
