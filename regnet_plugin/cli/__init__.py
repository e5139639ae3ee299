"""What every tool needs: arguments, errors in one line, progress, wording."""
