"""Nightly job: device_risk for each device seen, from the vendor's encoder."""

import sys

import pandas as pd
import torch


def main(devices: str, output: str) -> None:
    checkpoint = torch.load("models/device-encoder.pt", map_location="cpu", weights_only=False)
    table = checkpoint["encoder"].table
    frame = pd.read_parquet(devices)
    rows = frame["fingerprint"].map(lambda f: int(f, 16) % table.shape[0])
    frame["device_risk"] = [float(torch.sigmoid(table[row].mean())) for row in rows]
    frame[["device", "device_risk"]].to_parquet(output, index=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
