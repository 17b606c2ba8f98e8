#!/bin/sh
# The gateway with its controls before a scripted model API: one command, nothing to install but Python 3.
#     SURETY=build/release/src/app/surety examples/gateway/run.sh
exec python3 "$(dirname "$0")/run.py"
