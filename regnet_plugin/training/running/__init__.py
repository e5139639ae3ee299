"""How MMEngine's Runner runs: on one process or several, with its errors told in a line."""
