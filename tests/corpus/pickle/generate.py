"""Writes malicious/ and benign/ anew. Needs Python 3.11 and, for benign/, these (as measured; others may do):

    numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 pandas==3.1.1 pyarrow==26.0.1 joblib==1.6.0 torch==2.10 xgboost==3.2
    lightgbm==4.7.0 statsmodels==0.15.0 transformers==5 tokenizers peft==0.21.2 torch_geometric flax==0.12.8 optax==0.2.8
    networkx==3.6.1 cloudpickle==3.1.2 ml_dtypes==0.6.0

    generate.py [--malicious] [--everything FOLDER]

With --everything the benign half is written to FOLDER in all protocols and sizes, which is how the allow list was
measured; benign/ holds the small ones of it, each in one protocol.
"""

import argparse
import array
import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import itertools
import os
import pathlib
import pickle
import random
import re
import shutil
import string
import sys
import types
import uuid
import warnings
import zlib
import zoneinfo

import malicious

HERE = pathlib.Path(__file__).resolve().parent
MOST_BYTES = 6_000


class Point(collections.namedtuple("Point", "x y")):
    """A class of the program itself."""


class Colour(enum.Enum):
    RED = 1


class Plain:
    def __init__(self):
        self.values = [1, 2]


def standard():
    yield "data", {"weights": [0.5, 1.5], "names": ("a", "b"), "flag": True, "none": None, "big": 10**40, "text": "é€"}
    yield "nested", [[[[{"a": {1, 2}, "b": frozenset("x")}]]]]
    yield "numbers", list(range(300))
    yield "words", [f"word_{i}" for i in range(120)]
    yield "bytes", {"b": bytes(range(256)), "a": bytearray(b"abc")}
    yield "dates", [
        datetime.date(2020, 1, 2),
        datetime.datetime(2020, 1, 2, 3, tzinfo=datetime.timezone.utc),
        datetime.timedelta(3),
        datetime.time(4),
    ]
    yield "zone", zoneinfo.ZoneInfo("Europe/London")
    yield "uuid", uuid.UUID(int=5)
    yield "decimal", [decimal.Decimal("1.5"), decimal.Context(prec=5), fractions.Fraction(1, 3), 1 + 2j]
    yield "paths", [pathlib.PurePosixPath("a/b"), pathlib.PureWindowsPath("c:/a"), pathlib.Path("x")]
    yield "ordered", collections.OrderedDict(a=1, b=2)
    yield "default_dict", collections.defaultdict(list, {1: [2]})
    yield "counter", collections.Counter("abca")
    yield "deque", collections.deque([1, 2], 5)
    yield "chain_map", collections.ChainMap({1: 2}, {3: 4})
    yield "user_containers", [collections.UserDict(a=1), collections.UserList([1]), collections.UserString("x")]
    yield "addresses", [
        ipaddress.ip_address("192.0.2.1"),
        ipaddress.ip_network("192.0.2.0/24"),
        ipaddress.ip_address("::1"),
    ]
    yield "array", array.array("d", [1, 2, 3])
    yield "pattern", re.compile("a+b", re.I)
    yield "random", random.Random(5).getstate()[:1]
    yield "namespace", [types.SimpleNamespace(a=1), argparse.Namespace(lr=0.1)]
    yield "partial", functools.partial(int, base=2)
    yield "template", string.Template("$a")
    yield "streams", [io.BytesIO(b"abc"), io.StringIO("abc")]
    yield "functions", [len, max, sorted, sum]
    yield "errors", [ValueError("bad"), OSError(2, "x", "f"), KeyError("k")]
    yield "kinds", [int, str, dict, type(None), Ellipsis, NotImplemented, range(3), slice(1, 2)]
    yield "own", [Point(1, 2), Colour.RED, Plain()]
    yield "pickle_of_data", {"blob": pickle.dumps({"a": 1})}
    yield "zlib_of_data", {"blob": zlib.compress(b"only some text " * 9)}
    yield "base64_image", {
        "png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    }
    yield "hexadecimal", {"sha256": "80045f1e" * 8, "hash": "789c" * 16}


class Kind(enum.Enum):
    PLAIN = "a label with words"


class Text(str):
    pass


class lower_case:
    def __init__(self):
        self.rate = 0.1


class Outer:
    class Inner:
        pass


class TrainError(Exception):
    pass


def collate(rows):
    return rows


def rare_standard():
    """What the standard library writes more rarely, and the program's own classes in all their forms."""
    import ast
    import calendar
    import collections.abc
    import configparser
    import csv
    import difflib
    import graphlib
    import json
    import operator
    import optparse
    import platform
    import socket
    import ssl
    import statistics
    import subprocess
    import tarfile
    import textwrap
    import tokenize
    import traceback
    import typing
    import zipfile

    yield "iterators", [iter([1]), iter("ab"), iter({1: 2}), enumerate([1]), zip([1], [2]), reversed([1])]
    yield "combinations", [itertools.product([1], [2]), itertools.permutations([1, 2]), itertools.islice([1, 2], 1)]
    yield "accumulated", itertools.accumulate([1, 2])
    yield "configuration", configparser.ConfigParser()
    yield "syntax_tree", ast.parse("x = 1 + 2")
    yield "errors_of_modules", [subprocess.CalledProcessError(1, "make"), socket.gaierror(1, "x"), csv.Error("c"), zipfile.BadZipFile("b"), json.JSONDecodeError("m", "doc", 0)]
    yield "records", [os.terminal_size((80, 24)), os.stat("/")[:0], tokenize.TokenInfo(1, "a", (1, 0), (1, 1), "a"), tarfile.TarInfo("x"), zipfile.ZipInfo("x")]
    yield "platform", platform.uname()
    yield "members", [socket.AF_INET, socket.SOCK_STREAM, ssl.TLSVersion.TLSv1_2, calendar.MONDAY]
    yield "options", optparse.Values({"a": 1})
    yield "helpers", [json.JSONEncoder(), textwrap.TextWrapper(), difflib.Differ(), calendar.TextCalendar(), traceback.FrameSummary("f", 1, "n", lookup_line=False)]
    yield "order", graphlib.TopologicalSorter({"a": {"b"}})
    yield "annotations", [typing.Optional[str], typing.Generator[int, None, None], int | None, list[int], collections.abc.Iterable, typing.Annotated[int, "x"]]
    yield "kept_functions", [statistics.mean, json.loads, random.choice, str.lower, "abc".upper, {}.get, operator.attrgetter("name"), isinstance]
    yield "kept_partial", functools.partial(str.replace, "a")
    yield "own_label", Kind.PLAIN
    yield "own_text", Text("f(x); a")
    yield "own_lower_case", lower_case()
    yield "own_inner", Outer.Inner()
    yield "own_error", TrainError("failed: step 3 (of 4)")
    yield "own_function", functools.partial(collate, rows=[])


def numpy_objects():
    import numpy as np

    yield "array", np.arange(12.0).reshape(3, 4)
    yield "fortran", np.asfortranarray(np.ones((3, 4)))
    yield "big_endian", np.arange(5, dtype=">i4")
    yield "strings", np.array(["a", "bb"])
    yield "objects", np.array([1, "a", None], dtype=object)
    yield "dates", np.array(["2020-01-01"], dtype="M8[D]")
    yield "record", np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])
    yield "scalars", [
        np.int64(1),
        np.float32(2),
        np.bool_(True),
        np.str_("a"),
        np.complex64(1j),
        np.datetime64("2020-01-01"),
    ]
    yield "masked", np.ma.array([1, 2, 3], mask=[0, 1, 0])
    yield "matrix", np.matrix([[1, 2]])
    yield "dtypes", [np.dtype("f4"), np.dtype([("a", "i4")]), np.float32]
    yield "generator", np.random.default_rng(1)
    yield "random_state", np.random.RandomState(1)
    yield "polynomial", [np.polynomial.Polynomial([1, 2]), np.poly1d([1, 2])]
    yield "functions", [np.exp, np.mean, np.where]
    yield "half", np.ones(2, "f2")
    yield "void", np.void(b"abc")


def scipy_objects():
    import numpy as np
    import scipy.interpolate
    import scipy.optimize
    import scipy.sparse
    import scipy.spatial
    import scipy.stats

    matrix = scipy.sparse.random(6, 6, 0.3, random_state=0)
    for kind in ("csr", "csc", "coo", "bsr", "lil", "dia", "dok"):
        yield kind, matrix.asformat(kind)
        yield kind + "_array", scipy.sparse.csr_array(matrix).asformat(kind)
    yield "frozen", scipy.stats.norm(0, 1)
    yield "randint", scipy.stats.randint(1, 5)
    yield "kde", scipy.stats.gaussian_kde(np.arange(5.0))
    yield "spline", scipy.interpolate.CubicSpline([1, 2, 3], [1, 4, 9])
    yield "interpolation", scipy.interpolate.interp1d([1, 2, 3], [1, 4, 9])
    yield "tree", scipy.spatial.KDTree(np.eye(3))
    yield "rotation", scipy.spatial.transform.Rotation.from_euler("x", 1)
    yield "minimum", scipy.optimize.minimize(lambda x: (x**2).sum(), [1.0, 2.0])
    yield "test", scipy.stats.ttest_ind([1, 2, 3.0], [2, 3, 4.0])


def pandas_objects():
    import pandas as pd

    frame = pd.DataFrame({"i": [1, 2, 3], "f": [1.0, 2, 3], "s": ["a", "b", "c"]})
    yield "frame", frame
    yield "series", frame.i
    yield "multi_index", frame.set_index(["s", "i"])
    yield "category", pd.Series(["a", "b"], dtype="category")
    for kind in (
        "Int64",
        "Float64",
        "boolean",
        "string",
        "int64[pyarrow]",
        "string[pyarrow]",
        "timestamp[ns][pyarrow]",
    ):
        yield "series_" + re.sub(r"\W", "_", kind), pd.Series(
            [1, None] if kind[0] in "IFbit" else ["a", None], dtype=kind
        )
    yield "dates", pd.Series(pd.date_range("2020", periods=3, tz="UTC"))
    yield "zone", pd.Series(pd.date_range("2020", periods=3, tz="Europe/London"))
    yield "deltas", pd.Series(pd.timedelta_range("1D", periods=3))
    yield "periods", pd.Series(pd.period_range("2020", periods=3, freq="M"))
    yield "intervals", pd.Series(pd.interval_range(0, 3))
    yield "sparse", pd.Series([0, 0, 1], dtype="Sparse[int]")
    yield "scalars", [pd.Timestamp("2020"), pd.Timedelta("1D"), pd.Period("2020-01"), pd.Interval(0, 1), pd.NaT, pd.NA]
    yield "offsets", [pd.offsets.MonthEnd(2), pd.offsets.BDay(), pd.DateOffset(months=2)]
    yield "grouped", frame.groupby("s")


def sklearn_objects():
    import numpy as np
    import sklearn
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
    from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
    from sklearn.metrics import f1_score, make_scorer
    from sklearn.model_selection import GridSearchCV, KFold
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
    from sklearn.utils import all_estimators

    x = np.abs(np.random.RandomState(0).rand(20, 3))
    y = (x[:, 0] > 0.5).astype(int)
    words = ["good film", "bad film", "so good", "so bad"] * 3
    for name, kind in all_estimators():
        try:
            estimator = kind()
        except TypeError:
            continue
        known = estimator.get_params()
        fixed = {"n_estimators": 2, "random_state": 0, "max_iter": 20, "n_components": 2, "verbose": 0}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                estimator.set_params(**{key: value for key, value in fixed.items() if key in known})
            except ValueError:
                pass
            for given in ((x, y), (x, x[:, 0]), (x,), (words,), (x[:, 0], x[:, 0]), (x, x[:, :2])):
                try:
                    estimator.fit(*given)
                    break
                except Exception:
                    continue
        yield name, estimator
    truth = [1, 0, 1, 0] * 3
    yield "text_pipeline", make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(words, truth)
    yield "text_counts", make_pipeline(
        CountVectorizer(ngram_range=(1, 2), strip_accents="unicode"), MultinomialNB()
    ).fit(words, truth)
    yield "columns", make_pipeline(
        ColumnTransformer([("a", StandardScaler(), [0]), ("b", OneHotEncoder(handle_unknown="ignore"), [1])]), Ridge()
    ).fit(x, y)
    yield "grid", GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1, 2]}, cv=2
    ).fit(x, y)
    yield "function", make_pipeline(FunctionTransformer(np.log1p), Ridge()).fit(x, y)
    yield "ball_tree", KNeighborsClassifier(algorithm="ball_tree").fit(x, y)
    yield "huber", SGDClassifier(loss="modified_huber", random_state=0).fit(x, y)
    yield "scorer", make_scorer(f1_score)
    yield "folds", KFold(3)
    yield "bunch", sklearn.utils.Bunch(a=1)


def torch_objects():
    import numpy as np
    import torch
    from torch import nn

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.BatchNorm1d(3), nn.Dropout(0.1))
    optimiser = torch.optim.Adam(model.parameters())
    model(torch.ones(5, 4)).sum().backward()
    optimiser.step()
    yield "state", model.state_dict()
    yield "module", model
    yield "layers", nn.ModuleList(
        [nn.Conv2d(1, 2, 3), nn.LSTM(2, 2), nn.Embedding(3, 2), nn.LayerNorm(2), nn.GELU(), nn.MultiheadAttention(2, 1)]
    )
    yield "checkpoint", {
        "epoch": 1,
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "args": argparse.Namespace(lr=0.1),
        "loss": np.float64(0.5),
    }
    yield "optimiser", optimiser
    yield "lightning", {
        "epoch": 1,
        "pytorch-lightning_version": "2.0.0",
        "state_dict": model.state_dict(),
        "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.5), "best_model_path": "/a"}},
        "hyper_parameters": {"lr": 0.1},
    }
    for kind in (torch.bfloat16, torch.float16, torch.int8, torch.complex64, torch.float8_e4m3fn):
        yield "tensor_" + str(kind)[6:], torch.ones(2).to(kind)
    yield "quantised", torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
    yield "sparse", torch.eye(3).to_sparse()
    yield "sparse_rows", torch.eye(3).to_sparse_csr()
    yield "nested", torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    yield "parameter", nn.Parameter(torch.ones(2))
    yield "small_things", [torch.Size([1, 2]), torch.device("cpu"), torch.float32, torch.strided]
    yield "data_set", torch.utils.data.TensorDataset(torch.ones(2))
    yield "averaged", torch.optim.swa_utils.AveragedModel(model)


def graph_objects():
    import torch
    from torch_geometric.data import Batch, Data, HeteroData
    from torch_geometric.nn import GCNConv

    data = Data(x=torch.ones(3, 2), edge_index=torch.tensor([[0, 1], [1, 2]]))
    mixed = HeteroData()
    mixed["a"].x = torch.ones(2)
    yield "data", data
    yield "mixed", mixed
    yield "batch", Batch.from_data_list([data, data])
    yield "convolution", GCNConv(2, 2)


def transformers_objects():
    import tokenizers
    import torch
    from transformers import BatchEncoding, BertConfig, GenerationConfig, GPT2Config
    from transformers.modeling_outputs import BaseModelOutput
    from transformers.trainer_utils import IntervalStrategy

    yield "bert", BertConfig(hidden_size=8)
    yield "gpt2", GPT2Config()
    yield "generation", GenerationConfig()
    yield "encoding", BatchEncoding({"input_ids": [1, 2]})
    yield "output", BaseModelOutput(last_hidden_state=torch.ones(2))
    yield "strategy", IntervalStrategy.STEPS
    yield "tokenizer", tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    import peft

    yield "lora", peft.LoraConfig(r=2, target_modules=["query"])


def boosting_objects():
    import lightgbm
    import numpy as np
    import xgboost

    x = np.random.RandomState(0).rand(60, 3)
    y = (x[:, 0] > 0.5).astype(int)
    yield "xgboost", xgboost.XGBClassifier(n_estimators=1, max_depth=1).fit(x, y)
    yield "xgboost_booster", xgboost.train({"max_depth": 1}, xgboost.DMatrix(x, y), 1)
    yield "lightgbm", lightgbm.LGBMClassifier(n_estimators=1, num_leaves=2, verbose=-1).fit(x, y)


def statsmodels_objects():
    import numpy as np
    import statsmodels.api as sm

    x = np.random.RandomState(0).rand(12, 2)
    yield "ols", sm.OLS(x[:, 0], sm.add_constant(x[:, 1:])).fit()
    yield "glm", sm.GLM(x[:, 0], x[:, 1:]).fit()


def jax_objects():
    import flax
    import jax.numpy as jnp
    import ml_dtypes
    import numpy as np
    import optax

    yield "array", jnp.ones(3)
    yield "bfloat16", np.ones(2, dtype=ml_dtypes.bfloat16)
    yield "frozen", flax.core.freeze({"a": np.ones(2)})
    yield "optimiser", optax.adam(1e-3).init({"w": jnp.ones(2)})


def other_objects():
    import networkx
    import numpy

    yield "graph", networkx.path_graph(4)
    yield "directed", networkx.DiGraph([(1, 2)])
    yield "memory_map", numpy.memmap(HERE / "generate.py", "u1", "r", shape=(4,))


def dill_objects():
    """What dill wraps in functions of its own: arrays, and Python's types."""
    import numpy
    import pandas

    yield "arrays", {"a": numpy.arange(3), "b": numpy.ones((2, 2), "f4", order="F")}
    yield "frame", pandas.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})


FAMILIES = {
    "standard": standard,
    "rare": rare_standard,
    "numpy": numpy_objects,
    "scipy": scipy_objects,
    "pandas": pandas_objects,
    "sklearn": sklearn_objects,
    "torch": torch_objects,
    "graphs": graph_objects,
    "transformers": transformers_objects,
    "boosting": boosting_objects,
    "statsmodels": statsmodels_objects,
    "jax": jax_objects,
    "other": other_objects,
    "dill": dill_objects,
}


def ways(family, value):
    """How users save such a value: name ending and bytes, one pair at a time."""
    for protocol in range(6):
        yield f"p{protocol}.pkl", lambda: pickle.dumps(value, protocol)
    if family == "rare":
        return
    if family == "dill":
        import dill

        yield "dill", lambda: dill.dumps(value)
        yield "recurse.dill", lambda: dill.dumps(value, protocol=2, recurse=True)
        return
    if family == "standard":
        import cloudpickle

        yield "cloud.pkl", lambda: cloudpickle.dumps(value)
        return

    def joblib_bytes(**given):
        import joblib

        out = io.BytesIO()
        joblib.dump(value, out, **given)
        return out.getvalue()

    yield "joblib", joblib_bytes
    if family == "numpy":
        yield "z.joblib", lambda: joblib_bytes(compress=("zlib", 3))
        yield "xz.joblib", lambda: joblib_bytes(compress=("xz", 3))
    if family in ("torch", "graphs", "transformers"):

        def torch_bytes(zipped):
            import torch

            out = io.BytesIO()
            torch.save(value, out, _use_new_zipfile_serialization=zipped)
            return out.getvalue()

        yield "pt", lambda: torch_bytes(True)
        yield "legacy.pt", lambda: torch_bytes(False)


def write_benign(folder, everything):
    count = size = 0
    for family, make in FAMILIES.items():
        for number, (name, value) in enumerate(make()):
            offered = list(ways(family, value))
            wanted = (
                offered
                if everything
                else [offered[(number * 5 + shift * 3) % len(offered)] for shift in range(len(offered))]
            )
            for ending, content in wanted:
                try:
                    content = content()
                except Exception as problem:
                    if everything:
                        print(f"{family}/{name}.{ending}: {problem!r}"[:160], file=sys.stderr)
                    continue
                if not everything and len(content) > MOST_BYTES:
                    continue
                (
                    folder / f"{family}_{name}_{ending}"
                    if ending[0] == "p" and ending != "pt"
                    else folder / f"{family}_{name}.{ending}"
                ).write_bytes(content)
                count += 1
                size += len(content)
                if not everything:
                    break
    print(f"{count} benign files, {size:,} bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--malicious", action="store_true", help="only the half that needs no library")
    parser.add_argument("--everything", type=pathlib.Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.everything:
        given.everything.mkdir(parents=True, exist_ok=True)
        write_benign(given.everything, True)
        return
    folder = HERE / "malicious"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in malicious.build().items():
        (folder / name).write_bytes(content)
    print(f"{len(malicious.files)} malicious files, {sum(map(len, malicious.files.values())):,} bytes")
    if not given.malicious:
        folder = HERE / "benign"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_benign(folder, False)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets are written in the order of their hashes
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    main()
