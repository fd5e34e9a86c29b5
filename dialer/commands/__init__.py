"""What can be asked of Dzwonek from the command line, one module each."""
