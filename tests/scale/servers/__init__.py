"""Real servers on loopback for tests, examples and scripts: context managers in plain Python."""
