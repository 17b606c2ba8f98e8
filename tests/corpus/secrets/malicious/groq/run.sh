#!/bin/sh
export KEY=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
python train.py
