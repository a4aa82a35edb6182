"""What the command line can do: one file per command, whose function's arguments are the command's options."""
