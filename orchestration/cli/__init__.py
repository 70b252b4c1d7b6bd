"""The command line, thin over the jobs."""
