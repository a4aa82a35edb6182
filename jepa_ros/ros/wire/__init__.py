"""Messages ⇄ arrays, topics, and what is shown to people."""
