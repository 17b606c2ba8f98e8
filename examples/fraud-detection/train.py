"""Trains the score and exports it to ONNX for the service."""

import argparse
import hashlib
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import average_precision_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scoring.features import LIMITS, NAMES


def load(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    frame = frame.drop_duplicates("transaction_id")
    for name in NAMES:
        low, high = LIMITS[name]
        outside = ~frame[name].between(low, high)
        if outside.any():
            raise SystemExit(f"{path}: {int(outside.sum())} rows with {name} outside {low} to {high}")
    return frame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/transactions.csv"))
    parser.add_argument("--evaluation", type=Path, default=Path("data/transactions-evaluation.parquet"))
    parser.add_argument("--output", type=Path, default=Path("models"))
    options = parser.parse_args()

    frame = load(options.data)
    pipeline = make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=24, max_depth=3, random_state=7))
    pipeline.fit(frame[NAMES].to_numpy(np.float32), frame.is_fraud)

    held_out = load(options.evaluation)
    scores = pipeline.predict_proba(held_out[NAMES].to_numpy(np.float32))[:, 1]
    print(f"average precision {average_precision_score(held_out.is_fraud, scores):.3f}")

    joblib.dump(pipeline, options.output / "fraud-score.joblib")
    model = to_onnx(pipeline, initial_types=[("features", FloatTensorType([None, len(NAMES)]))],
                    options={"zipmap": False}, target_opset=17)
    content = model.SerializeToString(deterministic=True)
    (options.output / "fraud-score.onnx").write_bytes(content)
    print(hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main()
