"""Models of scikit-learn in the format of skops: of many estimators, and with schemas that reach for more.

Needs skops==0.16.0 scikit-learn==1.9.1 numpy==2.4.6 scipy pandas==3.1.1 (Python 3.11).
Payloads only name files that do not exist, or print a word.
"""
import io
import json
import operator
import pathlib
import pickle
import shutil
import warnings
import zipfile
from functools import partial

import numpy as np
import skops.io
from sklearn import (cluster, compose, decomposition, discriminant_analysis, ensemble, feature_extraction, feature_selection,
                     gaussian_process, impute, isotonic, kernel_ridge, linear_model, mixture, model_selection, multiclass,
                     naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree)

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).resolve().parent
BENIGN = HERE / "benign"
MALICIOUS = HERE / "malicious"
X = np.random.RandomState(0).rand(24, 3)
Y = (X[:, 0] > 0.5).astype(int)
N = X @ [1.0, 2.0, 3.0]


def repack(data):
    """The same archive without times and identities, so that each run writes the same."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    schema = members.pop("schema.json").decode()
    numbers = {}

    def walk(value):
        if isinstance(value, dict):
            for key, member in list(value.items()):
                if key == "__id__":
                    value[key] = numbers.setdefault(member, len(numbers) + 1)
                elif key == "file":
                    stem, _, ending = member.partition(".")
                    names.setdefault(member, f"{len(names) + 1}.{ending}")
                    value[key] = names[member]
                else:
                    walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    names = {}
    parsed = json.loads(schema)
    walk(parsed)
    return fixed_zip([("schema.json", json.dumps(parsed, indent=2))] + [(names.get(k, k), v) for k, v in members.items()])


def fixed_zip(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def save(name, model):
    (BENIGN / f"{name}.skops").write_bytes(repack(skops.io.dumps(model)))


def benign():
    classifiers = {
        "logistic": linear_model.LogisticRegression(), "sgd": linear_model.SGDClassifier(random_state=0),
        "svc": svm.SVC(probability=True, random_state=0), "tree": tree.DecisionTreeClassifier(max_depth=2, random_state=0),
        "forest": ensemble.RandomForestClassifier(3, max_depth=2, random_state=0),
        "boosting": ensemble.GradientBoostingClassifier(n_estimators=2, max_depth=1, random_state=0),
        "histogram": ensemble.HistGradientBoostingClassifier(max_iter=2, random_state=0),
        "adaboost": ensemble.AdaBoostClassifier(n_estimators=2, random_state=0), "gaussian_nb": naive_bayes.GaussianNB(),
        "neighbours": neighbors.KNeighborsClassifier(3), "mlp": neural_network.MLPClassifier((3,), max_iter=3, random_state=0),
        "lda": discriminant_analysis.LinearDiscriminantAnalysis(), "gp": gaussian_process.GaussianProcessClassifier(random_state=0),
        "ovr": multiclass.OneVsRestClassifier(linear_model.LogisticRegression()),
        "voting": ensemble.VotingClassifier([("a", naive_bayes.GaussianNB()), ("b", linear_model.LogisticRegression())]),
        "stacking": ensemble.StackingClassifier([("a", naive_bayes.GaussianNB())], linear_model.LogisticRegression()),
        "bagging": ensemble.BaggingClassifier(n_estimators=2, random_state=0),
        "isolation": ensemble.IsolationForest(n_estimators=2, random_state=0),
    }
    for name, model in classifiers.items():
        save(name, model.fit(X, Y))
    regressors = {"ridge": linear_model.Ridge(), "lasso_cv": linear_model.LassoCV(cv=3), "svr": svm.SVR(),
                  "kernel_ridge": kernel_ridge.KernelRidge(), "isotonic": isotonic.IsotonicRegression(),
                  "gp_regressor": gaussian_process.GaussianProcessRegressor(random_state=0)}
    for name, model in regressors.items():
        save(name, model.fit(X[:, 0] if name == "isotonic" else X, N))
    others = {"pca": decomposition.PCA(2), "kmeans": cluster.KMeans(2, n_init=1, random_state=0), "nmf": decomposition.NMF(2, random_state=0),
              "mixture": mixture.GaussianMixture(2, random_state=0), "kbins": preprocessing.KBinsDiscretizer(3, encode="onehot"),
              "imputer": impute.SimpleImputer(), "function": preprocessing.FunctionTransformer(np.log1p),
              "poly": preprocessing.PolynomialFeatures(), "power": preprocessing.PowerTransformer(), "dbscan": cluster.DBSCAN()}
    for name, model in others.items():
        save(name, model.fit(X))
    words = ["one two", "two three", "three four five"]
    save("tfidf", pipeline.make_pipeline(feature_extraction.text.TfidfVectorizer(), linear_model.LogisticRegression()).fit(words, [0, 1, 0]))
    save("columns", pipeline.Pipeline([("c", compose.ColumnTransformer([("s", preprocessing.StandardScaler(), [0]),
                                                                        ("o", preprocessing.OneHotEncoder(handle_unknown="ignore"), [1])])),
                                       ("k", feature_selection.SelectKBest(feature_selection.f_classif, k=2)),
                                       ("m", linear_model.LogisticRegression())]).fit(np.round(X, 1), Y))
    save("search", model_selection.GridSearchCV(svm.SVC(), {"C": [0.1, 1]}, cv=2).fit(X, Y))
    save("plain_data", {"a": [1, 2.5, None, True, "text"], "b": (1, {2}, b"bytes"), "c": np.arange(3), "d": np.array(["x", 1], object),
                        "e": slice(1, 2), "f": np.float32(1), "g": np.dtype("f4"), "os.system": "a key"})
    save("random", {"state": np.random.RandomState(1), "generator": np.random.default_rng(1)})
    save("masked", np.ma.masked_array([1, 2], [0, 1]))
    import catboost
    import lightgbm
    import xgboost
    save("xgboost", xgboost.XGBClassifier(n_estimators=2, max_depth=2).fit(X, Y))
    save("lightgbm", lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(X, Y))
    save("catboost", catboost.CatBoostClassifier(iterations=2, depth=2, verbose=0, allow_writing_files=False).fit(X, Y))
    save("partial", partial(np.add, 1))


def node(module, name, loader, content=None, **more):
    return {"__class__": name, "__module__": module, "__loader__": loader, "content": content, "__id__": 1, **more}


def text(value):
    return node("builtins", "str", "JsonNode", json.dumps(value), is_json=True)


def tuple_of(*values):
    return node("builtins", "tuple", "TupleNode", list(values))


def schema(root, protocol=2):
    return json.dumps({**root, "protocol": protocol, "_skops_version": "0.11.0"})


def evil(name, root, *members, protocol=2):
    data = root if isinstance(root, str) else schema(root, protocol)
    (MALICIOUS / name).write_bytes(fixed_zip([("schema.json", data), *members]))


def malicious():
    model = node("sklearn.linear_model._logistic", "LogisticRegression", "ObjectNode")
    evil("operator_call.skops", node("operator", "call", "OperatorFuncNode", attrs=tuple_of(node("os", "system", "FunctionNode"), text("echo pwned"))))
    evil("operator_disguised.skops", node("builtins", "int", "OperatorFuncNode", attrs=tuple_of(text("x"))))
    evil("operator_methodcaller.skops", node("operator", "methodcaller", "OperatorFuncNode", attrs=tuple_of(text("system"), text("echo pwned"))))
    evil("operator_setitem.skops", node("operator", "setitem", "OperatorFuncNode", attrs=tuple_of()))
    evil("method_mismatch.skops", node("sklearn.linear_model._logistic", "LogisticRegression", "MethodNode",
                                       {"func": "system", "obj": node("os", "system", "FunctionNode")}))
    evil("method_of_builtins.skops", node("builtins", "str", "MethodNode", {"func": "__class__", "obj": node("builtins", "str", "JsonNode", '"x"')}))
    evil("function_system.skops", node("os", "system", "FunctionNode", {"module_path": "os", "function": "system"}))
    evil("function_posix.skops", node("posix", "system", "FunctionNode"))
    evil("function_eval.skops", node("builtins", "eval", "FunctionNode"))
    evil("type_node_popen.skops", node("subprocess", "Popen", "TypeNode"))
    evil("type_node_exec.skops", node("builtins", "exec", "TypeNode"))
    evil("partial_system.skops", node("functools", "partial", "PartialNode", {
        "func": node("os", "system", "FunctionNode"), "args": tuple_of(text("echo pwned")),
        "kwds": node("builtins", "dict", "DictNode", {}), "namespace": node("builtins", "dict", "DictNode", {})}))
    evil("object_popen.skops", node("subprocess", "Popen", "ObjectNode", node("builtins", "dict", "DictNode", {})))
    evil("reduce_node.skops", node("os", "system", "ReduceNode", tuple_of(text("echo pwned"))))
    evil("constructor_from_reduce.skops", node("subprocess", "Popen", "ConstructorFromReduceNode", tuple_of(text("id"))))
    evil("json_node_lies.skops", node("os", "system", "JsonNode", '"x"'))
    evil("list_node_lies.skops", node("os", "listdir", "ListNode", [text("/")]))
    evil("dict_node_lies.skops", node("subprocess", "Popen", "DictNode", {"args": text("id")}))
    evil("tuple_node_lies.skops", node("subprocess", "Popen", "TupleNode", [text("id")]))
    evil("set_node_odd_type.skops", node("collections", "deque", "SetNode", []))
    evil("tree_node_lies.skops", node("os", "system", "TreeNode", tuple_of(text("x"))))
    evil("loss_node_lies.skops", node("builtins", "exec", "LossNode", tuple_of(text("x"))))
    evil("default_factory.skops", node("collections", "defaultdict", "DefaultDictNode", {
        "main": node("builtins", "dict", "DictNode", {}), "default_factory": node("os", "getcwd", "FunctionNode")}))
    evil("deep_inside.skops", node("sklearn.pipeline", "Pipeline", "ObjectNode", node("builtins", "dict", "DictNode", {
        "steps": node("builtins", "list", "ListNode", [tuple_of(text("a"), node("webbrowser", "open", "FunctionNode"))])})))
    evil("old_protocol.skops", node("os", "system", "FunctionNode", {"module_path": "os", "function": "system"}), protocol=0)
    evil("unknown_package.skops", node("some_package.module", "run", "FunctionNode"))
    evil("unknown_loader.skops", {**model, "__loader__": "EvalNode"})
    evil("numpy_load.skops", node("numpy", "load", "FunctionNode"))
    evil("joblib_load.skops", node("joblib.numpy_pickle", "load", "FunctionNode"))
    evil("sklearn_fetch.skops", node("sklearn.datasets._base", "load_files", "FunctionNode"))
    evil("duplicate_key.skops", schema(model).replace('"__module__"', '"__module__": "os", "__module__"', 1))
    evil("broken.skops", schema(model)[:-9] + ', "__loader__"')
    evil("pickle_member.skops", model, ("model.pkl", b"cos\nsystem\n(S'echo pwned'\ntR."))
    evil("joblib_member.skops", model, ("model.joblib", pickle.dumps({"a": 1})))
    array = io.BytesIO()

    class Evil:
        def __reduce__(self):
            return __import__("os").system, ("echo pwned",)

    np.save(array, np.array([Evil()], object), allow_pickle=True)
    evil("object_array.skops", node("numpy", "ndarray", "NdArrayNode", None, type="numpy", file="1.npy"), ("1.npy", array.getvalue()))
    evil("pickle_in_bytes.skops", node("builtins", "bytes", "BytesNode", None, file="1.bin"), ("1.bin", b"cos\nsystem\n(S'echo pwned'\ntR."))
    evil("no_schema_inside.skops", json.dumps({"version": "1.0"}), ("OperatorFuncNode.json", "{}"))
    evil("renamed.zip", node("os", "system", "FunctionNode"))
    (MALICIOUS / "pickle_named.skops").write_bytes(b"cos\nsystem\n(S'echo pwned'\ntR.")


for folder in (BENIGN, MALICIOUS):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
benign()
malicious()
