"""What every room stands on: durable files, the lock, secrets, SQL text, folders, planted faults."""
