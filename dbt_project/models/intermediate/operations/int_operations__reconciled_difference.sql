-- Each row by which two neighbouring stages differ, with the reason. An unexplained one is named, but explains nothing.
{{ reconciled_differences() }}
