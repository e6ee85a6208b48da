"""What is kept: one file per table family, one function per statement."""
