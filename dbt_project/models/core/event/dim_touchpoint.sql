{{ touchpoint_rows() }}
