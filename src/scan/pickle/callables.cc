#include "scan/pickle/callables.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/text.h"

namespace scan {
namespace {

struct Names {
  std::string_view module;
  std::string_view names;  ///< Separated by spaces.
};

/// What frameworks and the standard library write into pickles, and which does nothing but make data of its arguments.
constexpr Names kAllowed[] = {
    {"builtins",
     "set frozenset list dict tuple int float complex bool str bytes bytearray slice range object Ellipsis "
     "NotImplemented NoneType long unicode xrange basestring "
     "BaseException Exception ArithmeticError AssertionError AttributeError BlockingIOError BrokenPipeError "
     "BufferError "
     "ConnectionError EOFError FileExistsError FileNotFoundError FloatingPointError IOError ImportError IndexError "
     "InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError "
     "NameError "
     "NotADirectoryError NotImplementedError OSError OverflowError PermissionError ProcessLookupError RecursionError "
     "ReferenceError RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError TabError TimeoutError "
     "TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError ValueError ZeroDivisionError "
     "Warning DeprecationWarning FutureWarning RuntimeWarning UserWarning abs round len ord chr hash divmod pow "
     "zip enumerate reversed"},
    {"collections", "OrderedDict defaultdict deque Counter ChainMap UserDict UserList UserString"},
    {"_collections", "OrderedDict defaultdict deque"},
    {"datetime", "datetime date time timedelta timezone tzinfo"},
    {"_datetime", "datetime date time timedelta timezone"},
    {"time", "struct_time"},
    {"calendar", "Month Day"},
    {"zoneinfo", "ZoneInfo"},
    {"uuid", "UUID SafeUUID"},
    {"decimal", "Decimal Context _Decimal"},
    {"_decimal", "Decimal Context"},
    {"fractions", "Fraction"},
    {"numbers", "Number Complex Real Rational Integral"},
    {"pathlib", "PosixPath WindowsPath Path PurePath PurePosixPath PureWindowsPath"},
    {"pathlib._local", "PosixPath WindowsPath Path PurePath PurePosixPath PureWindowsPath"},
    {"ipaddress", "IPv4Address IPv6Address IPv4Network IPv6Network IPv4Interface IPv6Interface ip_address ip_network"},
    {"array", "array _array_reconstructor"},
    {"re", "_compile compile RegexFlag"},
    {"random", "Random"},
    {"types", "SimpleNamespace MappingProxyType"},
    {"argparse", "Namespace"},
    {"enum", "Enum IntEnum Flag IntFlag StrEnum"},
    {"string", "Template"},
    {"statistics", "NormalDist"},
    {"inspect", "Signature Parameter _ParameterKind _empty"},
    {"dataclasses", "_MISSING_TYPE _HAS_DEFAULT_FACTORY_CLASS"},
    {"io", "BytesIO StringIO"},
    {"_io", "BytesIO StringIO"},
    {"itertools", "count repeat cycle chain"},
    {"operator", "itemgetter"},
    {"math", "sqrt exp log log1p log2 log10 floor ceil sin cos tan tanh fabs isnan"},
    {"typing", "Any Union Optional List Dict Tuple Set Callable Generic TypeVar"},
    {"queue", "Empty Full"},
    {"abc", "ABCMeta ABC"},
    // NumPy
    {"numpy",
     "ndarray dtype matrix recarray void bool_ bool int8 int16 int32 int64 intc intp int_ uint8 uint16 uint32 uint64 "
     "uint uintc uintp float16 float32 float64 float128 float_ half single double longdouble complex64 complex128 "
     "complex256 str_ bytes_ object_ datetime64 timedelta64 string_ unicode_ generic number integer floating inexact "
     "signedinteger unsignedinteger complexfloating flexible character longlong ulonglong short ushort byte ubyte "
     "exp log log1p log10 log2 expm1 sqrt square abs absolute sin cos tan tanh arcsin arccos arctan sign add subtract "
     "multiply divide maximum minimum mean median sum std var max min nanmean nanmedian power rint floor ceil identity "
     "ravel record"},
    {"numpy.core.multiarray", "_reconstruct scalar"},
    {"numpy.core.numeric", "_frombuffer"},
    {"numpy.core", "_multiarray_umath"},
    {"numpy.core._multiarray_umath", "_reconstruct scalar"},
    {"numpy.core.records", "recarray record"},
    {"numpy.core._internal", "_convert_to_stringdtype_kwargs _reconstruct"},
    {"numpy.ma.core", "MaskedArray _mareconstruct MaskedConstant"},
    {"numpy.dtypes",
     "Float16DType Float32DType Float64DType Int8DType Int16DType Int32DType Int64DType UInt8DType UInt16DType "
     "UInt32DType UInt64DType BoolDType ObjectDType StrDType BytesDType VoidDType DateTime64DType TimeDelta64DType "
     "Complex64DType Complex128DType StringDType LongDoubleDType LongDType ULongDType LongLongDType IntDType "
     "UIntDType"},
    {"numpy.random", "RandomState Generator PCG64 MT19937 SeedSequence"},
    {"numpy.random._pickle", "__randomstate_ctor __generator_ctor __bit_generator_ctor"},
    {"numpy.random._mt19937", "MT19937"},
    {"numpy.random._pcg64", "PCG64 PCG64DXSM"},
    {"numpy.random._philox", "Philox"},
    {"numpy.random._sfc64", "SFC64"},
    {"numpy.random.bit_generator", "SeedSequence __pyx_unpickle_SeedSequence"},
    {"numpy.random.mtrand", "RandomState __RandomState_ctor"},
    {"numpy.matrixlib.defmatrix", "matrix"},
    {"numpy.polynomial.polynomial", "Polynomial"},
    {"ml_dtypes", "bfloat16 float8_e4m3fn float8_e5m2 int4 uint4"},
    {"jax._src.array", "_reconstruct_array"},
    // PyTorch
    {"torch",
     "FloatStorage DoubleStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage CharStorage "
     "ByteStorage "
     "BoolStorage ComplexFloatStorage ComplexDoubleStorage QInt8Storage QUInt8Storage QInt32Storage QUInt4x2Storage "
     "QUInt2x4Storage UntypedStorage TypedStorage FloatTensor DoubleTensor HalfTensor BFloat16Tensor LongTensor "
     "IntTensor "
     "ShortTensor CharTensor ByteTensor BoolTensor Tensor device Size dtype Generator "
     "float32 float64 float16 bfloat16 float half double int8 int16 int32 int64 uint8 uint16 uint32 uint64 long int "
     "short "
     "bool complex32 complex64 complex128 cfloat cdouble qint8 quint8 qint32 quint4x2 quint2x4 float8_e4m3fn "
     "float8_e5m2 "
     "float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu strided sparse_coo sparse_csr sparse_csc sparse_bsr sparse_bsc "
     "preserve_format contiguous_format channels_last channels_last_3d per_tensor_affine per_channel_affine "
     "per_tensor_symmetric per_channel_symmetric per_channel_affine_float_qparams"},
    {"torch.cuda",
     "FloatStorage DoubleStorage HalfStorage BFloat16Storage LongStorage IntStorage ShortStorage CharStorage "
     "ByteStorage "
     "BoolStorage FloatTensor DoubleTensor HalfTensor LongTensor IntTensor ByteTensor BoolTensor"},
    {"torch._C", "_TensorBase"},
    {"torch._tensor", "_rebuild_from_type_v2 Tensor"},
    {"torch._utils",
     "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_v2 "
     "_rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor _rebuild_sparse_csr_tensor "
     "_rebuild_meta_tensor_no_storage _rebuild_nested_tensor _rebuild_device_tensor_from_numpy "
     "_rebuild_device_tensor_from_cpu_tensor _rebuild_wrapper_subclass _rebuild_xla_tensor _rebuild_mlc_tensor"},
    {"torch.storage", "UntypedStorage TypedStorage _UntypedStorage _TypedStorage"},
    {"torch.nn.parameter", "Parameter UninitializedParameter Buffer UninitializedBuffer"},
    {"torch.serialization", "_get_layout"},
    {"torch.nn.functional", "relu gelu silu tanh sigmoid softmax leaky_relu elu hardswish mish"},
    {"torch.nn.modules.activation", "relu"},
    {"torch.jit._pickle",
     "build_tensor_from_id build_intlist build_tensorlist build_doublelist build_boollist restore_type_tag"},
    {"torchvision.datapoints", "Image"},
    // SciPy, scikit-learn, pandas and relatives: functions; classes are in kClassPackages
    {"scipy.sparse",
     "csr_matrix csc_matrix coo_matrix bsr_matrix lil_matrix dia_matrix dok_matrix csr_array csc_array"},
    {"scipy.interpolate._bsplines", "BSpline"},
    {"scipy.interpolate._interpolate",
     "interp1d interp1d._call_linear_np interp1d._call_linear interp1d._call_nearest interp1d._call_previousnext "
     "interp1d._call_spline interp1d._call_nan_spline"},
    {"scipy.special._ufuncs", "expit logit"},
    {"sklearn.tree._tree", "Tree _dtype_to_dtype"},
    {"sklearn.neighbors._kd_tree", "newObj KDTree KDTree64 KDTree32"},
    {"sklearn.neighbors._ball_tree", "newObj BallTree BallTree64 BallTree32"},
    {"sklearn.neighbors.kd_tree", "newObj"},
    {"sklearn.neighbors.ball_tree", "newObj"},
    {"sklearn.ensemble._gb_losses", "BinomialDeviance MultinomialDeviance LeastSquaresError"},
    {"sklearn._loss._loss",
     "CyHalfSquaredError CyHalfBinomialLoss CyHalfMultinomialLoss CyHalfPoissonLoss CyHalfGammaLoss CyAbsoluteError "
     "CyPinballLoss CyHuberLoss CyExponentialLoss CyHalfTweedieLoss CyHalfTweedieLossIdentity "
     "__pyx_unpickle_CyLossFunction __pyx_unpickle_CyHalfSquaredError __pyx_unpickle_CyHalfBinomialLoss "
     "__pyx_unpickle_CyHalfMultinomialLoss __pyx_unpickle_CyHalfPoissonLoss __pyx_unpickle_CyHalfGammaLoss "
     "__pyx_unpickle_CyAbsoluteError __pyx_unpickle_CyExponentialLoss"},
    {"sklearn.linear_model._sgd_fast", "Hinge Log SquaredHinge SquaredLoss Huber EpsilonInsensitive ModifiedHuber"},
    {"sklearn.linear_model.sgd_fast", "Hinge Log SquaredHinge SquaredLoss Huber EpsilonInsensitive ModifiedHuber"},
    {"sklearn.metrics._dist_metrics",
     "newObj DistanceMetric EuclideanDistance EuclideanDistance64 EuclideanDistance32 ManhattanDistance "
     "ManhattanDistance64 MinkowskiDistance MinkowskiDistance64 ChebyshevDistance ChebyshevDistance64"},
    {"sklearn.feature_extraction.text", "strip_accents_unicode strip_accents_ascii"},
    {"sklearn.feature_selection._univariate_selection", "f_classif f_regression chi2 f_oneway"},
    {"sklearn.feature_selection._mutual_info", "mutual_info_classif mutual_info_regression"},
    {"pandas._libs.internals", "_unpickle_block BlockPlacement __pyx_unpickle_BlockManager"},
    {"pandas._libs.tslibs.timestamps", "_unpickle_timestamp Timestamp"},
    {"pandas._libs.tslibs.timedeltas", "_timedelta_unpickle Timedelta"},
    {"pandas._libs.tslibs.period", "_unpickle_period Period"},
    {"pandas._libs.tslibs.nattype", "_nat_unpickle NaTType"},
    {"pandas._libs.tslibs.offsets",
     "Day Hour Minute Second Milli Micro Nano BusinessDay MonthEnd MonthBegin QuarterEnd QuarterBegin YearEnd "
     "YearBegin "
     "Week BusinessMonthEnd BDay __pyx_unpickle_BaseOffset _offset_ctor to_offset"},
    {"pandas._libs.missing", "NAType _restore_na"},
    {"pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked NDArrayBacked"},
    {"pandas._libs.interval", "Interval __pyx_unpickle_IntervalMixin"},
    {"pandas.core.indexes.base", "_new_Index Index"},
    {"pandas.core.indexes.datetimes", "_new_DatetimeIndex DatetimeIndex"},
    {"pandas.core.indexes.period", "_new_PeriodIndex PeriodIndex"},
    {"pandas.core.indexes.range", "RangeIndex"},
    {"pandas.core.internals.blocks", "new_block"},
    {"pandas.core.internals.managers", "BlockManager SingleBlockManager"},
    {"pandas.core.dtypes.dtypes", "CategoricalDtype CategoricalDtypeType DatetimeTZDtype PeriodDtype IntervalDtype"},
    {"pandas.core.series", "Series"},
    {"pandas.core.frame", "DataFrame"},
    {"pandas",
     "DataFrame Series Index RangeIndex Timestamp Timedelta NaT NA Period Interval Categorical CategoricalDtype "
     "CategoricalIndex MultiIndex DatetimeIndex TimedeltaIndex PeriodIndex IntervalIndex PeriodDtype IntervalDtype "
     "DatetimeTZDtype StringDtype BooleanDtype SparseDtype ArrowDtype Int8Dtype Int16Dtype Int32Dtype Int64Dtype "
     "UInt8Dtype UInt16Dtype UInt32Dtype UInt64Dtype Float32Dtype Float64Dtype"},
    {"pandas.core.indexes.interval", "_new_IntervalIndex IntervalIndex"},
    {"pyarrow.lib", "_restore_array type_for_alias py_buffer DataType ListType StructType"},
    {"numpy.rec", "recarray record"},
    {"numpy.ma", "MaskedArray"},
    {"scipy._lib.array_api_compat.numpy._aliases", "asarray"},
    {"pytz", "_p _UTC"},
    {"pytz.lazy", "LazyDict"},
    {"dateutil.tz.tz", "tzutc tzlocal tzoffset"},
    {"dateutil.relativedelta", "relativedelta"},
    {"joblib.numpy_pickle", "NumpyArrayWrapper NDArrayWrapper ZNDArrayWrapper"},
    {"xgboost.core", "Booster DMatrix"},
    {"lightgbm.basic", "Booster"},
    {"omegaconf.base", "ContainerMetadata Metadata"},
    {"omegaconf.dictconfig", "DictConfig"},
    {"omegaconf.listconfig", "ListConfig"},
    {"omegaconf.nodes", "AnyNode StringNode IntegerNode FloatNode BooleanNode"},
    {"fairseq.data.dictionary", "Dictionary"},
    {"easydict", "EasyDict"},
    {"addict.addict", "Dict"},
    {"attrdict.dictionary", "AttrDict"},
    {"sentencepiece", "SentencePieceProcessor"},
    {"tokenizers.models", "Model BPE WordPiece Unigram WordLevel"},
    {"tokenizers", "Tokenizer AddedToken"},
    {"srsly.msgpack", "packb"},
};

/// Packages whose classes (names in CapWords) may be made without being called and given a state of plain data.
/// Modules of these packages that act on files or processes are in kDangerousModules.
constexpr std::string_view kClassPackages[] = {
    "sklearn.",
    "scipy.sparse.",
    "scipy.stats.",
    "scipy.spatial.",
    "scipy.interpolate.",
    "scipy.optimize.",
    "pandas.core.",
    "pandas.arrays.",
    "pandas._libs.",
    "pandas.tseries.",
    "xgboost.",
    "lightgbm.",
    "catboost.",
    "torch.nn.",
    "torch.optim.",
    "torch.distributions.",
    "torch.utils.data.dataset.",
    "torchvision.models.",
    "torchvision.transforms.",
    "torchvision.ops.",
    "torch_geometric.nn.",
    "torch_geometric.data.",
    "torch_geometric.transforms.",
    "transformers.models.",
    "transformers.configuration_utils.",
    "transformers.tokenization_utils",
    "transformers.training_args.",
    "transformers.training_args_seq2seq.",
    "transformers.trainer_utils.",
    "transformers.trainer_pt_utils.",
    "transformers.generation.",
    "transformers.activations.",
    "transformers.utils.",
    "transformers.integrations.",
    "transformers.pytorch_utils.",
    "accelerate.state.",
    "accelerate.utils.",
    "trl.trainer.",
    "trl.",
    "peft.",
    "diffusers.models.",
    "diffusers.schedulers.",
    "timm.",
    "ultralytics.nn.",
    "ultralytics.utils.",
    "ultralytics.engine.",
    "models.common.",
    "models.yolo.",
    "models.experimental.",
    "spacy.",
    "thinc.",
    "gensim.models.",
    "gensim.corpora.",
    "statsmodels.",
    "imblearn.",
    "category_encoders.",
    "mlxtend.",
    "hdbscan.",
    "umap.",
    "lifelines.",
    "prophet.",
    "pmdarima.",
    "skorch.",
    "sentence_transformers.",
    "keras.src.",
    "keras.layers.",
    "keras.optimizers.",
    "tokenizers.",
    "numpy.polynomial.",
    "numpy.random.",
    "joblib.",
    "pytorch_lightning.",
    "lightning.",
    "lightning_fabric.",
    "torchmetrics.",
    "monai.networks.",
    "fairseq.data.",
    "nltk.",
    "surprise.",
    "implicit.",
    "pyod.",
    "tslearn.",
    "sktime.",
    "econml.",
    "shap.",
    "optuna.",
    "argparse.",
    "dgl.",
    "flair.",
};

/// Standing on their own; the names are harmless only with some arguments.
struct CheckedName {
  std::string_view module;
  std::string_view name;
  ArgumentCheck check;
};
constexpr CheckedName kChecked[] = {
    {"builtins", "getattr", ArgumentCheck::getattr},
    {"builtins", "type", ArgumentCheck::type_of},
    {"_codecs", "encode", ArgumentCheck::encode},
    {"codecs", "encode", ArgumentCheck::encode},
    {"copyreg", "_reconstructor", ArgumentCheck::reconstructor},
    {"copyreg", "__newobj__", ArgumentCheck::new_object},
    {"copyreg", "__newobj_ex__", ArgumentCheck::new_object},
    {"functools", "partial", ArgumentCheck::partial},
    {"_functools", "partial", ArgumentCheck::partial},
    {"torch.storage", "_load_from_bytes", ArgumentCheck::nested_torch},
    {"logging", "getLogger", ArgumentCheck::logger},
};

constexpr std::string_view kRunsCommands = "it runs commands";
constexpr std::string_view kRunsCode = "it runs code";
constexpr std::string_view kNetwork = "it reaches the network";
constexpr std::string_view kFiles = "it reads or writes files";
constexpr std::string_view kNative = "it reaches native code";
constexpr std::string_view kUnpickles = "it unpickles, out of sight";
constexpr std::string_view kIndirect = "it reaches other functions by name";
constexpr std::string_view kProcess = "it changes the process";

struct Dangerous {
  std::string_view names;  ///< Separated by spaces.
  std::string_view reason;
};

/// Modules where nothing belongs in a model; the module itself and all below it.
constexpr Dangerous kDangerousModules[] = {
    {"os posix nt subprocess pty commands popen2 platform _posixsubprocess multiprocessing _multiprocessing asyncio "
     "concurrent sh plumbum pexpect invoke fabric _osx_support _aix_support _bootsubprocess psutil",
     kRunsCommands},
    {"runpy code codeop pdb bdb cProfile profile _lsprof timeit trace doctest unittest test importlib "
     "_frozen_importlib "
     "_frozen_importlib_external imp _imp zipimport pkgutil marshal idlelib lib2to3 distutils setuptools pip ensurepip "
     "venv pydoc pydoc_data cgitb compileall py_compile site sitecustomize usercustomize ast dis symtable "
     "IPython ipykernel jupyter_client execnet rlcompleter pyrepl _pyrepl pytest _pytest nose cffi cython Cython "
     "jinja2 mako numexpr theano sympy.utilities.lambdify sympy.parsing antigravity this lib2to3 pkg_resources xdist",
     kRunsCode},
    {"socket _socket ssl _ssl http urllib urllib2 httplib ftplib smtplib telnetlib poplib imaplib nntplib xmlrpc "
     "socketserver requests httpx aiohttp urllib3 paramiko webbrowser wsgiref asyncore asynchat smtpd boto3 botocore "
     "google.cloud fsspec s3fs gcsfs pycurl tornado websocket websockets twisted",
     kNetwork},
    {"shutil tempfile fileinput linecache shelve dbm sqlite3 _sqlite3 zipfile tarfile gzip bz2 lzma glob mailbox "
     "netrc configparser logging.config logging.handlers filecmp mmap _winapi winreg _winreg msvcrt winsound aifc wave "
     "csv plistlib xml pyexpat lxml nturl2path genericpath",
     kFiles},
    {"ctypes _ctypes _ctypes_test _testcapi _testinternalcapi _xxsubinterpreters _interpreters cppyy", kNative},
    {"pickle _pickle cPickle dill cloudpickle jsonpickle pickletools klepto hickle", kUnpickles},
    {"sys gc signal _signal atexit faulthandler resource fcntl termios tty readline curses _curses tkinter turtle "
     "turtledemo threading _thread sched selectors select crypt spwd pwd grp builtins.__dict__ tracemalloc "
     "getpass syslog audioop ossaudiodev",
     kProcess},
    {"numpy.testing numpy.f2py numpy.distutils numpy.lib.npyio numpy.lib._npyio_impl numpy.ctypeslib numpy.lib.format "
     "numpy.compat numpy.lib.utils numpy._utils numpy.core._methods numpy.lib._utils_impl numpy.lib._format_impl",
     kRunsCode},
    {"torch.hub torch.package torch.utils.cpp_extension torch.utils.collect_env torch.utils._config_module "
     "torch.utils.bottleneck torch.utils.model_zoo torch.utils.file_baton torch.utils.hipify torch.utils.benchmark "
     "torch.distributed torch.multiprocessing torch._dynamo torch._inductor torch._functorch torch.fx "
     "torch.jit torch.ops torch._ops torch.classes torch._classes torch.testing torch.onnx torch.backends.xeon "
     "torch.library "
     "torch.utils.data.datapipes torch.utils.data.dataloader torch._jit_internal torch._C._jit torch.utils.show_pickle "
     "torch.export torch.compiler torch._export torch.utils.viz torch.utils.tensorboard torch.profiler",
     kRunsCode},
    {"pandas.io pandas.compat pandas.core.computation pandas.util pandas.testing pandas._testing", kFiles},
    {"sklearn.datasets sklearn.externals sklearn.utils._testing sklearn.utils._joblib sklearn.utils.fixes "
     "scipy.io scipy.weave scipy.datasets scipy.misc",
     kFiles},
    {"tensorflow keras.utils keras.saving keras.src.utils keras.src.saving keras.models keras.src.legacy tf_keras "
     "tensorflow_hub",
     kRunsCode},
    {"joblib.numpy_pickle_utils joblib.memory joblib.externals joblib.parallel joblib.hashing joblib.disk joblib.pool "
     "joblib.executor joblib.func_inspect joblib._store_backends joblib._memmapping_reducer joblib.compressor",
     kRunsCode},
    {"nltk.data nltk.downloader nltk.internals nltk.app spacy.cli spacy.util thinc.util transformers.hub "
     "transformers.utils.hub transformers.dynamic_module_utils transformers.testing_utils transformers.pipelines "
     "timm.models.hub timm.models._hub ultralytics.utils.checks ultralytics.utils.downloads huggingface_hub "
     "lightning.app mlflow ray dask distributed celery pyspark",
     kRunsCode},
    {"yaml ruamel", kUnpickles},
    {"git dulwich docker kubernetes ansible", kRunsCommands},
};

/// Single names in modules that also hold harmless ones.
constexpr struct {
  std::string_view module;
  std::string_view names;
  std::string_view reason;
} kDangerousNames[] = {
    {"builtins",
     "eval exec execfile compile __import__ open file input raw_input breakpoint globals locals vars setattr delattr "
     "apply map filter reload help exit quit memoryview super dir __build_class__ print hasattr classmethod "
     "staticmethod "
     "property iter next anext aiter callable id any all sum max min sorted bin format license credits copyright",
     kRunsCode},
    {"operator", "attrgetter methodcaller call setitem delitem iadd concat __call__ getitem", kIndirect},
    {"_operator", "attrgetter methodcaller call setitem delitem iadd concat getitem", kIndirect},
    {"functools", "reduce partialmethod singledispatch cached_property lru_cache _lru_cache_wrapper wraps", kIndirect},
    {"_functools", "reduce", kIndirect},
    {"itertools", "starmap filterfalse accumulate takewhile dropwhile groupby", kIndirect},
    {"codecs", "open decode EncodedFile lookup register getreader getwriter StreamReaderWriter", kFiles},
    {"_codecs", "decode lookup register", kIndirect},
    {"io", "open FileIO open_code TextIOWrapper BufferedWriter BufferedReader BufferedRandom", kFiles},
    {"_io", "open FileIO open_code TextIOWrapper BufferedWriter BufferedReader BufferedRandom", kFiles},
    {"types",
     "CodeType FunctionType LambdaType MethodType ModuleType CoroutineType GeneratorType DynamicClassAttribute "
     "new_class prepare_class resolve_bases CellType",
     kRunsCode},
    {"copyreg",
     "add_extension remove_extension pickle constructor dispatch_table _inverted_registry _extension_registry "
     "clear_extension_cache",
     kIndirect},
    {"uuid",
     "_get_command_stdout _popen _load_system_functions _arp_getnode _ifconfig_getnode getnode _ip_getnode "
     "_netstat_getnode _lanscan_getnode _ipconfig_getnode",
     kRunsCommands},
    {"inspect", "getsource getfile getattr_static getmembers", kFiles},
    {"logging", "FileHandler basicConfig", kFiles},
    {"random", "_os os", kRunsCommands},
    {"weakref", "finalize ref proxy", kIndirect},
    {"contextlib", "ExitStack contextmanager closing", kIndirect},
    {"string", "Formatter", kIndirect},
    {"collections", "namedtuple abc", kRunsCode},
    {"typing", "get_type_hints ForwardRef NamedTuple _eval_type", kRunsCode},
    {"dataclasses", "make_dataclass _create_fn", kRunsCode},
    {"enum", "EnumMeta EnumType _make_class_unpicklable", kRunsCode},
    {"datetime", "sys", kProcess},
    {"numpy",
     "load save savez savez_compressed fromfile loadtxt savetxt genfromtxt fromregex memmap DataSource open_memmap "
     "tofile source lookfor test who",
     kFiles},
    {"numpy", "vectorize frompyfunc apply_along_axis apply_over_axes piecewise fromfunction fromiter", kIndirect},
    {"numpy.core.memmap", "memmap", kFiles},
    {"numpy.core.multiarray", "fromfile", kFiles},
    {"torch", "load save hub jit compile from_file set_printoptions classes ops package", kUnpickles},
    {"torch.serialization", "load _load _legacy_load save add_safe_globals storage_to_tensor_type FILE", kUnpickles},
    {"torch.storage", "_share_filename_cpu _new_shared", kFiles},
    {"torch._C", "import_ir_module _load_for_lite_interpreter PyTorchFileReader PyTorchFileWriter", kUnpickles},
    {"torch.cuda", "_lazy_call caching_allocator_alloc", kNative},
    {"pandas",
     "read_pickle eval read_csv read_json read_html read_xml read_sql read_hdf read_excel HDFStore to_pickle "
     "ExcelFile ExcelWriter read_parquet read_table read_feather read_clipboard",
     kFiles},
    {"pandas.core.frame", "DataFrame.to_csv DataFrame.to_pickle DataFrame.eval DataFrame.query", kFiles},
    {"joblib", "load dump Memory Parallel wrap_non_picklable_objects", kUnpickles},
    {"joblib.numpy_pickle", "load dump load_temporary_memmap _unpickle NumpyUnpickler", kUnpickles},
    {"transformers", "pipeline AutoModel AutoTokenizer", kNetwork},
    {"gensim.utils", "unpickle pickle", kUnpickles},
};

constexpr std::string_view kStandardLibrary =
    "__future__ _abc _ast _asyncio _bisect _codecs _collections _contextvars _csv _datetime _decimal _elementtree "
    "_functools _heapq _io _json _operator _queue _random _sre _struct _thread _threading_local _tracemalloc _warnings "
    "_weakref abc aifc argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect "
    "builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall "
    "concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses datetime dbm "
    "decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput "
    "fnmatch formatter fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib "
    "heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json keyword lib2to3 "
    "linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt "
    "multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator optparse os ossaudiodev pathlib "
    "pdb "
    "pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd "
    "py_compile "
    "pyclbr pydoc queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors "
    "shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants "
    "sre_parse ssl stat statistics string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog "
    "tabnanny tarfile telnetlib tempfile termios test textwrap threading time timeit tkinter token tokenize tomllib "
    "trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib uu uuid venv warnings "
    "wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";

/// Parts of a dotted name that lead to a module through another's attribute.
constexpr std::string_view kModuleAliases =
    "os sys subprocess builtins importlib posix nt socket shutil ctypes runpy pickle marshal codecs io multiprocessing "
    "pty platform webbrowser urllib http pdb code operator functools inspect types tempfile pathlib threading signal "
    "gc atexit zipfile tarfile sqlite3 asyncio test commands timeit distutils pip setuptools";

/// Module names of Python 2, and others for the same thing.
constexpr std::pair<std::string_view, std::string_view> kModuleNames[] = {
    {"__builtin__", "builtins"},
    {"__builtins__", "builtins"},
    {"exceptions", "builtins"},
    {"copy_reg", "copyreg"},
    {"cPickle", "pickle"},
    {"Queue", "queue"},
    {"StringIO", "io"},
    {"cStringIO", "io"},
    {"UserDict", "collections"},
    {"UserList", "collections"},
    {"UserString", "collections"},
    {"thread", "_thread"},
    {"dummy_thread", "_thread"},
    {"_winreg", "winreg"},
    {"whichdb", "dbm"},
    {"anydbm", "dbm"},
    {"dumbdbm", "dbm"},
    {"gdbm", "dbm"},
    {"dbhash", "dbm"},
    {"SocketServer", "socketserver"},
    {"ConfigParser", "configparser"},
    {"BaseHTTPServer", "http"},
    {"SimpleHTTPServer", "http"},
    {"CGIHTTPServer", "http"},
    {"xmlrpclib", "xmlrpc"},
    {"SimpleXMLRPCServer", "xmlrpc"},
    {"DocXMLRPCServer", "xmlrpc"},
    {"urlparse", "urllib"},
    {"Cookie", "http"},
    {"cookielib", "http"},
    {"Tkinter", "tkinter"},
    {"repr", "reprlib"},
    {"_abcoll", "collections"},
    {"markupbase", "_markupbase"},
    {"robotparser", "urllib"},
};

struct Tables {
  std::unordered_map<std::string, Judgement> names;  // "module\0name"
  std::unordered_map<std::string, std::string_view> dangerous_modules;
  std::unordered_set<std::string_view> standard;
  std::unordered_set<std::string_view> aliases;
  std::unordered_map<std::string_view, std::string_view> module_names;

  static std::string key(std::string_view module, std::string_view name) {
    std::string out(module);
    out.push_back('\0');
    out.append(name);
    return out;
  }
  template <class Each>
  static void words(std::string_view list, Each each) {
    for (const std::string_view word : base::split(list, ' ')) {
      if (!word.empty()) {
        each(word);
      }
    }
  }

  Tables() {
    for (const Names& entry : kAllowed) {
      words(entry.names, [&](std::string_view name) {
        names[key(entry.module, name)] = {Standing::allowed, ArgumentCheck::none, {}};
      });
    }
    for (const CheckedName& entry : kChecked) {
      names[key(entry.module, entry.name)] = {Standing::checked, entry.check, kIndirect};
    }
    for (const auto& entry : kDangerousNames) {
      words(entry.names, [&](std::string_view name) {
        names[key(entry.module, name)] = {Standing::dangerous, ArgumentCheck::none, entry.reason};
      });
    }
    for (const Dangerous& entry : kDangerousModules) {
      words(entry.names, [&](std::string_view name) { dangerous_modules.emplace(name, entry.reason); });
    }
    words(kStandardLibrary, [&](std::string_view name) { standard.insert(name); });
    words(kModuleAliases, [&](std::string_view name) { aliases.insert(name); });
    for (const auto& [from, to] : kModuleNames) {
      module_names.emplace(from, to);
    }
  }
};

const Tables& tables() {
  static const Tables kTables;
  return kTables;
}

bool is_cap_words(std::string_view name) {
  while (name.starts_with('_')) {
    name.remove_prefix(1);
  }
  if (name.empty() || name[0] < 'A' || name[0] > 'Z') {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string_view first_part(std::string_view dotted) {
  return dotted.substr(0, dotted.find('.'));
}

/// The reason why a module, or one it is in, is dangerous.
std::string_view module_danger(std::string_view module) {
  const Tables& known = tables();
  for (std::size_t end = module.size(); end != std::string_view::npos && end > 0;
       end = module.substr(0, end).rfind('.')) {
    const auto found = known.dangerous_modules.find(std::string(module.substr(0, end)));
    if (found != known.dangerous_modules.end()) {
      return found->second;
    }
  }
  return {};
}

}  // namespace

std::string canonical_module(std::string_view module) {
  const Tables& known = tables();
  const std::string_view top = first_part(module);
  const auto renamed = known.module_names.find(top);
  std::string out(module);
  if (renamed != known.module_names.end()) {
    out = std::string(renamed->second) + std::string(module.substr(top.size()));
  }
  constexpr std::string_view kNumpyNew = "numpy._core";
  if (out.starts_with(kNumpyNew)) {
    out = "numpy.core" + out.substr(kNumpyNew.size());
  }
  return out;
}

Judgement judge_callable(std::string_view raw_module, std::string_view name) {
  const Tables& known = tables();
  const std::string module = canonical_module(raw_module);
  const auto lookup = [&](std::string_view m, std::string_view n) -> const Judgement* {
    const auto found = known.names.find(Tables::key(m, n));
    return found == known.names.end() ? nullptr : &found->second;
  };
  if (const Judgement* found = lookup(module, name)) {
    return *found;
  }
  if (const std::string_view reason = module_danger(module); !reason.empty()) {
    return {Standing::dangerous, ArgumentCheck::none, reason};
  }
  if (first_part(module) == "__torch__") {  // classes of TorchScript, which Python cannot import
    return {Standing::allowed, ArgumentCheck::none, {}};
  }
  const bool standard = known.standard.count(first_part(module)) > 0;
  // Every part of a dotted name is an attribute access; through a module's attributes any module can be reached.
  if (name.find('.') != std::string_view::npos) {
    const std::vector<std::string_view> parts = base::split(name, '.');
    std::string reached = module;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      std::string_view plain = parts[i];
      while (plain.starts_with('_') && plain.size() > 1) {
        plain.remove_prefix(1);
      }
      if (known.aliases.count(plain) > 0 || (parts[i].starts_with("__") && parts[i].ends_with("__"))) {
        return {Standing::dangerous, ArgumentCheck::none, kIndirect};
      }
      if (const Judgement* found = lookup(reached, parts[i]);
          found != nullptr && found->standing == Standing::dangerous) {
        return *found;
      }
      reached += "." + std::string(parts[i]);
      if (const std::string_view reason = module_danger(reached); !reason.empty()) {
        return {Standing::dangerous, ArgumentCheck::none, reason};
      }
    }
    const bool nested_class = std::all_of(parts.begin(), parts.end(), is_cap_words);
    const Judgement* outer = lookup(module, parts[0]);
    if (!nested_class && standard && outer == nullptr) {
      return {Standing::dangerous, ArgumentCheck::none, kIndirect};
    }
    if (!nested_class && standard && module != "datetime" && module != "collections" && module != "zoneinfo" &&
        module != "uuid") {
      return {Standing::dangerous, ArgumentCheck::none, kIndirect};
    }
    if (!nested_class) {
      return {};
    }
  }
  std::string_view plain = name;
  while (plain.starts_with('_') && plain.size() > 1) {
    plain.remove_prefix(1);
  }
  if (known.aliases.count(plain) > 0 && plain != "code" && plain != "test" && plain != "types" && plain != "io") {
    return {Standing::dangerous, ArgumentCheck::none, kIndirect};
  }
  if (name.size() > 4 && name.starts_with("__") && name.ends_with("__")) {
    return {Standing::dangerous, ArgumentCheck::none, kIndirect};
  }
  if (module == "__main__" || module == "__mp_main__") {
    return {is_cap_words(first_part(name)) ? Standing::own : Standing::unknown, ArgumentCheck::none, {}};
  }
  if (standard) {
    // What the standard library writes into pickles is on the list; its other functions have no place there.
    return is_cap_words(name) && !module.starts_with('_')
               ? Judgement{}
               : Judgement{Standing::dangerous, ArgumentCheck::none, "it is no part of any saved object"};
  }
  if (module.starts_with('_') && module != "__main__") {
    return {Standing::dangerous, ArgumentCheck::none, "the module is private to Python"};
  }
  const std::string with_dot = module + ".";
  const bool known_package = std::any_of(std::begin(kClassPackages), std::end(kClassPackages),
                                         [&](std::string_view prefix) { return with_dot.starts_with(prefix); });
  if (known_package) {
    const std::vector<std::string_view> parts = base::split(name, '.');
    if (std::all_of(parts.begin(), parts.end(), is_cap_words)) {
      return {Standing::class_only, ArgumentCheck::one_constant, {}};
    }
    // Cython's own reconstruction of a class, and lower-case classes of these packages (csr_matrix, rv_continuous).
    if (name.starts_with("__pyx_unpickle_") || name.ends_with("_gen") || name.ends_with("_matrix") ||
        name.ends_with("_array") || name == "rv_frozen" || name == "rv_continuous_frozen" || name == "interp1d") {
      return {Standing::allowed, ArgumentCheck::none, {}};
    }
  }
  return {};
}

bool reads_like_command(std::string_view text) {
  constexpr std::string_view kSigns[] = {
      "/bin/",      "curl ",     "wget ",       "http://",    "https://",  "import os",  "__import__", "exec(",
      "eval(",      "os.system", "bash ",       "powershell", "cmd.exe",   "subprocess", "nc -",       "/dev/tcp",
      "chmod ",     "rm -rf",    "/etc/passwd", "base64 ",    "socket.",   "import sys", "sh -c",      "; touch",
      "touch /tmp", "whoami",    "lambda:",     "calc.exe",   "python -c", "python3 -c"};
  const std::string_view head = text.substr(0, 4096);
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return head.find(sign) != std::string_view::npos; });
}

}  // namespace scan
