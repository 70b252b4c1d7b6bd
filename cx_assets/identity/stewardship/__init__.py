"""What people ask of identity and decide about it: explanations, lives of ids, the sheet of pairs to look at."""
