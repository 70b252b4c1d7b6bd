{{ touchpoint_key_rows() }}
