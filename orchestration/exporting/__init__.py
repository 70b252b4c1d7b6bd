"""Lists of a published generation, sent to operating systems; what may leave is decided in `cx_assets.exports`."""
