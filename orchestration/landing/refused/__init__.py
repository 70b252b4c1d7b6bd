"""Refused rows as people look for them, and their release through the gate that refused them."""
