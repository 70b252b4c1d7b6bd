"""What a run reads: the snapshot and its ledger."""
