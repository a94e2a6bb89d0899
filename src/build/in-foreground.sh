#!/bin/bash
# in-foreground.sh COMMAND...   runs it in a process group of its own, which is the terminal's foreground. Ctrl-C then ends the command
# alone, and its exit code counts: make, from which this is run, would end by the signal.
# In the background, or without a terminal, it becomes the command.
set -eu
if [ -t 2 ] && read -r _ _ _ _ group _ _ foreground _ </proc/$$/stat && [ "$group" = "$foreground" ]; then
    trap '' TSTP # Ctrl-Z would stop the command, but not make
    set -m
    "$@"
else
    exec "$@"
fi
