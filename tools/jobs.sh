#!/bin/sh
# Prints how many compilers to run at once: one a processor, and no more than one for each 2 GiB of free memory.
processors=$(nproc 2>/dev/null || echo 2)
free=$(awk '/^MemAvailable:/ {print int($2 / 2097152)}' /proc/meminfo 2>/dev/null)
[ -n "$free" ] || free=$processors
[ "$free" -ge 1 ] || free=1
[ "$processors" -le "$free" ] && echo "$processors" || echo "$free"
