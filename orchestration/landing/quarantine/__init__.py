"""Refused rows as they are written: raw bytes, reasons, the file. Their release is in `refused`."""
