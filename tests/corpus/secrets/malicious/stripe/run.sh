#!/bin/sh
export KEY=sk_live_Y7iGxKZOdvRc4yEa41G2lGFg
python train.py
