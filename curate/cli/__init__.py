"""The command `curate`: one file per subcommand; everything heavy is imported when a command runs (layer 6)."""
