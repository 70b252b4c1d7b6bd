"""What a company declares: tables, connections, reconciliation, what its staging SQL may say. Nothing is run here."""
