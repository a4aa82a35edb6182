"""What commands show on the terminal: progress, tables, and what a file or folder holds."""
