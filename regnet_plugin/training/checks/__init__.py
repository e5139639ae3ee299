"""What is asked before anything is trained: data, classes, widths, schedules, a rehearsal."""
