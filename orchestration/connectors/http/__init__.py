"""APIs over HTTP: sessions, pages, answers, records."""
