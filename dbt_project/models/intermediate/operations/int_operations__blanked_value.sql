-- Values beyond the limits of a contract, which their rows lost.
{{ blanked_value_counts() }}
