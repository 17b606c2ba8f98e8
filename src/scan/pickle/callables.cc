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
     "Warning DeprecationWarning FutureWarning RuntimeWarning UserWarning ExceptionGroup BaseExceptionGroup zip "
     "enumerate "
     "reversed"},
    {"collections", "OrderedDict defaultdict deque Counter ChainMap UserDict UserList UserString IterableUserDict"},
    {"_collections", "OrderedDict defaultdict deque"},
    {"datetime", "datetime date time timedelta timezone tzinfo"},
    {"_datetime", "datetime date time timedelta timezone"},
    {"time", "struct_time"},
    {"calendar", "Month Day"},
    {"zoneinfo", "ZoneInfo"},
    {"uuid", "UUID SafeUUID"},
    {"decimal",
     "Decimal Context _Decimal DecimalException Clamped InvalidOperation DivisionByZero Inexact Rounded Subnormal "
     "Overflow Underflow FloatOperation DivisionImpossible DivisionUndefined InvalidContext ConversionSyntax"},
    {"_decimal", "Decimal Context"},
    {"fractions", "Fraction"},
    {"numbers", "Number Complex Real Rational Integral"},
    {"pathlib", "PosixPath WindowsPath Path PurePath PurePosixPath PureWindowsPath"},
    {"pathlib._local", "PosixPath WindowsPath Path PurePath PurePosixPath PureWindowsPath"},
    {"ipaddress", "IPv4Address IPv6Address IPv4Network IPv6Network IPv4Interface IPv6Interface ip_address ip_network"},
    {"array", "array _array_reconstructor"},
    {"re", "_compile compile RegexFlag"},
    {"random", "Random"},
    {"types", "SimpleNamespace MappingProxyType GenericAlias"},
    {"argparse", "Namespace"},
    {"urllib.parse", "ParseResult SplitResult ParseResultBytes SplitResultBytes DefragResult"},
    {"os", "stat_result times_result uname_result terminal_size sched_param statvfs_result"},
    {"sqlite3", "Error DatabaseError OperationalError IntegrityError ProgrammingError InterfaceError DataError"},
    {"tensorflow.python.framework.tensor_shape", "TensorShape Dimension TensorShapeV1"},
    {"tensorflow.python.framework.ops", "convert_to_tensor"},
    {"torch._utils",
     "torch.channels_last torch.contiguous_format torch.preserve_format torch.channels_last_3d torch.strided"},
    {"sys", "version_info"},
    {"string", "Template"},
    {"statistics", "NormalDist"},
    {"inspect", "Signature Parameter _ParameterKind _empty"},
    {"dataclasses", "_MISSING_TYPE _HAS_DEFAULT_FACTORY_CLASS"},
    {"io", "BytesIO StringIO"},
    {"_io", "BytesIO StringIO"},
    {"itertools",
     "count repeat cycle chain islice product permutations combinations combinations_with_replacement zip_longest "
     "compress pairwise batched izip izip_longest"},
    {"csv", "Dialect excel excel_tab unix_dialect"},
    {"posix", "stat_result times_result uname_result terminal_size sched_param statvfs_result"},
    {"nt", "stat_result times_result terminal_size"},
    {"platform", "uname_result"},
    {"tokenize", "TokenInfo"},
    {"socket", "AddressFamily SocketKind AddressInfo MsgFlag"},
    {"ssl", "TLSVersion Purpose _ASN1Object VerifyMode VerifyFlags Options"},
    {"signal", "Signals Handlers Sigmasks"},
    {"plistlib", "UID"},
    {"inspect", "_ParameterKind BoundArguments FullArgSpec"},
    {"__future__", "_Feature"},
    {"difflib", "Match"},
    {"weakref", "WeakSet WeakValueDictionary WeakKeyDictionary"},
    {"_weakrefset", "WeakSet"},
    {"operator", "itemgetter"},
    {"typing",
     "Any Union Optional List Dict Tuple Set FrozenSet Callable Generic TypeVar Sequence MutableSequence Mapping "
     "MutableMapping Iterable Iterator Collection Container Hashable Sized Type Literal ClassVar Final NoReturn "
     "OrderedDict DefaultDict Counter Deque Text AnyStr"},
    {"queue", "Empty Full"},
    // NumPy
    {"numpy",
     "ndarray dtype matrix recarray void bool_ bool int8 int16 int32 int64 intc intp int_ uint8 uint16 uint32 uint64 "
     "uint uintc uintp float16 float32 float64 float128 float_ half single double longdouble complex64 complex128 "
     "complex256 str_ bytes_ object_ datetime64 timedelta64 string_ unicode_ generic number integer floating inexact "
     "signedinteger unsignedinteger complexfloating flexible character longlong ulonglong short ushort byte ubyte "
     "record poly1d newaxis finfo iinfo"},
    {"numpy.linalg", "LinAlgError"},
    {"numpy.linalg._linalg", "LinAlgError"},
    {"numpy.exceptions", "AxisError ComplexWarning VisibleDeprecationWarning DTypePromotionError"},
    {"numpy.lib._polynomial_impl", "poly1d"},
    {"numpy.lib.polynomial", "poly1d"},
    {"numpy.char", "chararray"},
    {"numpy.core.defchararray", "chararray"},
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
    {"numpy.random._pickle", "__randomstate_ctor"},
    {"numpy.random._mt19937", "MT19937"},
    {"numpy.random._pcg64", "PCG64 PCG64DXSM"},
    {"numpy.random._philox", "Philox"},
    {"numpy.random._sfc64", "SFC64"},
    {"numpy.random.bit_generator", "SeedSequence __pyx_unpickle_SeedSequence"},
    {"numpy.random.mtrand", "RandomState __RandomState_ctor"},
    {"numpy.matrixlib.defmatrix", "matrix"},
    {"numpy.polynomial.polynomial", "Polynomial"},
    {"ml_dtypes",
     "bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e4m3b11fnuz float8_e3m4 float8_e4m3 "
     "float8_e8m0fnu float6_e2m3fn float6_e3m2fn float4_e2m1fn int2 int4 uint2 uint4"},
    {"jax._src.core", "ShapedArray"},
    {"flax.core.frozen_dict", "FrozenDict"},
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
    {"torch._C", "_TensorBase Generator"},
    {"torch._tensor", "Tensor"},
    {"torch._utils",
     "_rebuild_tensor _rebuild_tensor_v2 _rebuild_tensor_v3 _rebuild_parameter _rebuild_parameter_v2 "
     "_rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor _rebuild_sparse_csr_tensor "
     "_rebuild_meta_tensor_no_storage _rebuild_nested_tensor _rebuild_device_tensor_from_numpy "
     "_rebuild_device_tensor_from_cpu_tensor _rebuild_wrapper_subclass _rebuild_xla_tensor _rebuild_mlc_tensor"},
    {"torch.storage", "UntypedStorage TypedStorage _UntypedStorage _TypedStorage"},
    {"torch.nn.parameter", "Parameter UninitializedParameter Buffer UninitializedBuffer"},
    {"torch.serialization", "_get_layout"},
    {"torch.jit._pickle",
     "build_tensor_from_id build_intlist build_tensorlist build_doublelist build_boollist restore_type_tag"},
    {"torchvision.datapoints", "Image"},
    {"torch_geometric.inspector", "Parameter Signature"},
    {"torch_geometric.utils._typing", "TypeVar"},
    // SciPy, scikit-learn, pandas and relatives: functions; classes are in kClassPackages
    {"scipy.sparse",
     "csr_matrix csc_matrix coo_matrix bsr_matrix lil_matrix dia_matrix dok_matrix csr_array csc_array"},
    {"scipy.interpolate._bsplines", "BSpline"},
    {"scipy.interpolate._interpolate",
     "interp1d interp1d._call_linear_np interp1d._call_linear interp1d._call_nearest interp1d._call_previousnext "
     "interp1d._call_spline interp1d._call_nan_spline"},
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
    {"pandas._libs.internals", "_unpickle_block BlockPlacement __pyx_unpickle_BlockManager"},
    {"pandas._libs.tslibs.timestamps", "_unpickle_timestamp Timestamp"},
    {"pandas._libs.tslibs.timedeltas", "_timedelta_unpickle Timedelta"},
    {"pandas._libs.tslibs.period", "_unpickle_period Period"},
    {"pandas._libs.tslibs.nattype", "_nat_unpickle NaTType"},
    {"pandas._libs.tslibs.offsets",
     "Day Hour Minute Second Milli Micro Nano BusinessDay MonthEnd MonthBegin QuarterEnd QuarterBegin YearEnd "
     "YearBegin "
     "Week BusinessMonthEnd BDay DateOffset CustomBusinessDay CustomBusinessHour BusinessHour SemiMonthEnd BQuarterEnd "
     "BYearEnd BusinessMonthBegin CustomBusinessMonthEnd Easter __pyx_unpickle_BaseOffset _offset_ctor to_offset"},
    {"pandas._libs.missing", "NAType _restore_na"},
    {"pandas._libs.sparse", "IntIndex BlockIndex"},
    {"pandas.errors", "EmptyDataError ParserError"},
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
    {"pyarrow.lib",
     "_restore_array type_for_alias py_buffer DataType ListType StructType field schema list_ large_list struct "
     "timestamp "
     "time32 time64 duration decimal128 decimal256 binary dictionary map_ chunked_array scalar _reconstruct_table "
     "_reconstruct_record_batch"},
    {"numpy.rec", "recarray record"},
    {"numpy.ma", "MaskedArray"},
    {"scipy._lib.array_api_compat.numpy._aliases", "asarray"},
    {"spacy.util", "SimpleFrozenList SimpleFrozenDict"},
    {"spacy.strings", "StringStore"},
    {"torch.torch_version", "TorchVersion"},
    {"spacy.vectors", "unpickle_vectors"},
    {"spacy.morphology", "unpickle_morphology"},
    {"spacy.tokens._serialize", "unpickle_bin"},
    {"spacy.tokenizer", "Tokenizer"},
    {"spacy.matcher.matcher", "unpickle_matcher"},
    {"spacy.matcher.phrasematcher", "unpickle_matcher"},
    {"spacy.matcher.dependencymatcher", "unpickle_matcher"},
    {"spacy.pipeline._parser_internals.ner", "BiluoPushDown"},
    {"spacy.pipeline._parser_internals.arc_eager", "ArcEager"},
    {"spacy.pipeline._edit_tree_internals.edit_trees", "unpickle_edittrees"},
    {"rdflib.term", "URIRef BNode Literal Variable"},
    {"rdflib.graph", "Graph ConjunctiveGraph Dataset"},
    {"rdflib.plugins.stores.memory", "Memory SimpleMemory"},
    {"rdflib.namespace", "Namespace"},
    {"yarl", "URL"},
    {"yarl._url", "URL"},
    {"pytz", "_p _UTC"},
    {"pytz.lazy", "LazyDict"},
    {"dateutil.tz.tz", "tzutc tzlocal tzoffset tzfile"},
    {"dateutil.tz._tzfile", "_unpickle tzfile"},
    {"dateutil.zoneinfo", "tzfile"},
    {"dateutil.relativedelta", "relativedelta weekday"},
    {"dateutil._common", "weekday"},
    {"numpy.core.getlimits", "finfo iinfo"},
    {"pandas.core.indexes.timedeltas", "_new_TimedeltaIndex TimedeltaIndex"},
    {"joblib.numpy_pickle", "NumpyArrayWrapper NDArrayWrapper ZNDArrayWrapper"},
    {"omegaconf.base", "ContainerMetadata Metadata"},
    {"omegaconf.dictconfig", "DictConfig"},
    {"omegaconf.listconfig", "ListConfig"},
    {"omegaconf.nodes", "AnyNode StringNode IntegerNode FloatNode BooleanNode"},
    {"fairseq.data.dictionary", "Dictionary"},
    {"easydict", "EasyDict"},
    {"addict.addict", "Dict"},
    {"attrdict.dictionary", "AttrDict"},
    {"tokenizers", "Tokenizer AddedToken"},
    {"transformers.tokenization_utils_base", "BatchEncoding AddedToken"},
    {"srsly.msgpack", "packb"},
    {"plotly.graph_objs._figure", "Figure"},
    {"dill._dill", "_create_dtypemeta _create_lock _create_rlock _create_stringi _create_stringo"},
};

/// Functions that are kept as values (a pipeline's score, an activation, a default) and harmless as such. No pickler
/// calls them while loading.
constexpr Names kNamed[] = {
    {"gensim.utils", "call_on_class_only identity"},
    {"spacy.util", "_get_attr_unless_lookup raise_error ignore_error"},
    {"builtins",
     "abs round len ord chr unichr hash divmod pow any all sum max min sorted repr ascii format bin oct hex id "
     "callable print isinstance issubclass hasattr map filter next memoryview property classmethod staticmethod "
     "super dir"},
    {"math",
     "sqrt exp log log1p log2 log10 floor ceil sin cos tan tanh fabs isnan isinf isfinite pow fsum prod gcd hypot erf "
     "gamma lgamma expm1 trunc degrees radians"},
    {"operator",
     "add sub mul truediv floordiv mod neg pos abs eq ne lt le gt ge and_ or_ xor not_ inv invert lshift rshift pow "
     "matmul truth is_ is_not contains"},
    {"_operator",
     "add sub mul truediv floordiv mod neg pos abs eq ne lt le gt ge and_ or_ xor not_ inv invert lshift rshift pow "
     "matmul truth is_ is_not contains"},
    {"numpy",
     "exp exp2 log log1p log10 log2 expm1 sqrt cbrt square abs absolute fabs sin cos tan sinh cosh tanh arcsin arccos "
     "arctan arctan2 sign add subtract multiply divide true_divide floor_divide mod maximum minimum fmax fmin mean "
     "median sum prod std var max min amax amin nanmean nanmedian nanmax nanmin nansum nanstd nanvar power rint floor "
     "ceil trunc round clip where concatenate stack hstack vstack argmax argmin argsort sort dot matmul isnan isinf "
     "isfinite reciprocal negative identity ravel reshape asarray array zeros ones full empty arange linspace quantile "
     "percentile nan_to_num cumsum diff unique count_nonzero average ptp outer inner transpose squeeze expand_dims "
     "asanyarray float_power sinc logaddexp hypot deg2rad rad2deg"},
    {"numpy.linalg", "norm inv det solve eig eigh svd qr pinv"},
    {"numpy.lib.nanfunctions", "nanmean nanmedian nanmax nanmin nansum nanstd nanvar"},
    {"numpy.lib.function_base", "median average percentile quantile"},
    {"numpy.core.fromnumeric", "mean sum std var amax amin max min prod ravel clip"},
    {"torch",
     "relu relu_ tanh tanh_ sigmoid sigmoid_ softmax exp log sqrt abs mean sum max min cat stack add mul matmul"},
    {"torch._C._nn", "gelu silu leaky_relu elu_ hardtanh softplus mish hardswish log_sigmoid leaky_relu_ relu6"},
    {"torch._C._special", "special_expit"},
    {"torch.utils.data._utils.collate", "default_collate default_convert"},
    {"jax._src.nn.functions", "relu gelu silu swish softmax"},
    {"math", "inf nan pi e"},
};

/// Classes within modules of mixed standing; as those of kClassPackages.
constexpr Names kClasses[] = {
    {"enum", "Enum IntEnum Flag IntFlag StrEnum ReprEnum FlagBoundary auto"},
    {"configparser",
     "ConfigParser RawConfigParser SafeConfigParser SectionProxy Interpolation BasicInterpolation "
     "ExtendedInterpolation LegacyInterpolation ConverterMapping"},
    {"tarfile", "TarInfo"},
    {"zipfile", "ZipInfo"},
    {"http.client", "HTTPMessage"},
    {"dis", "Instruction Positions"},
    {"shlex", "shlex"},
    {"unittest.result", "TestResult"},
    {"concurrent.futures", "Future"},
    {"threading", "local"},
    {"abc", "ABCMeta ABC"},
    {"enum", "EnumMeta EnumType"},
    {"numpy", "vectorize"},
    {"http.cookies", "Morsel SimpleCookie BaseCookie"},
    {"http.cookiejar", "Cookie CookieJar DefaultCookiePolicy"},
    {"xml.etree.ElementTree", "Element ElementTree"},
    {"logging", "Formatter PercentStyle StrFormatStyle LogRecord Logger RootLogger Manager Filter"},
    {"email.message", "Message EmailMessage"},
    {"email.policy", "EmailPolicy Compat32"},
    {"email.header", "Header"},
    {"difflib", "SequenceMatcher Match"},
    {"pandas", "NamedAgg DateOffset Grouper Flags"},
    {"pandas.api.typing",
     "DataFrameGroupBy SeriesGroupBy TimeGrouper Rolling Expanding ExponentialMovingWindow Resampler NaTType NAType"},
    {"torch", "ScriptObject"},
    {"torch.utils.data.dataloader", "DataLoader _DatasetKind"},
    {"torch.distributed.checkpoint.metadata",
     "Metadata TensorStorageMetadata BytesStorageMetadata ChunkStorageMetadata MetadataIndex TensorProperties "
     "StorageMeta _MEM_FORMAT_ENCODING"},
    {"torch.distributed.checkpoint.filesystem", "_StorageInfo _StoragePrefix"},
    {"torch.distributed.fsdp.api", "ShardingStrategy MixedPrecision CPUOffload BackwardPrefetch StateDictType"},
    {"torch.distributed._shard.sharded_tensor.metadata", "TensorProperties ShardedTensorMetadata MEM_FORMAT_ENCODING"},
    {"torch.distributed.device_mesh", "DeviceMesh"},
    {"torch.distributed.tensor.placement_types", "Shard Replicate Partial"},
    {"torch.distributed.tensor._dtensor_spec", "DTensorSpec TensorMeta"},
    {"deepspeed.runtime.fp16.loss_scaler", "LossScaler DynamicLossScaler LossScalerBase"},
    {"deepspeed.runtime.zero.config", "ZeroStageEnum"},
    {"deepspeed.utils.tensor_fragment", "fragment_address"},
    {"mmengine.logging.history_buffer", "HistoryBuffer"},
    {"mmengine.config.config", "ConfigDict Config"},
    {"mmcv.utils.config", "ConfigDict Config"},
    {"yacs.config", "CfgNode"},
    {"tensorflow.python.trackable.data_structures", "ListWrapper _DictWrapper"},
    {"keras.src.callbacks.history", "History"},
    {"keras.callbacks", "History"},
    {"PIL.Image", "Image"},
    {"packaging.version", "Version"},
    {"ultralytics.utils", "IterableSimpleNamespace"},
    {"sentencepiece", "SentencePieceProcessor"},
    {"sklearn.utils._bunch", "Bunch"},
    {"sklearn.datasets.base", "Bunch"},
    {"sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper NDArrayWrapper"},
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
    "transformers.modeling_outputs.",
    "transformers.tokenization_utils",
    "transformers.training_args.",
    "transformers.training_args_seq2seq.",
    "transformers.trainer_utils.",
    "transformers.trainer_pt_utils.",
    "transformers.generation.",
    "transformers.activations.",
    "transformers.integrations.",
    "transformers.pytorch_utils.",
    "accelerate.state.",
    "accelerate.utils.",
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
    "confection.",
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
    "torchmetrics.",
    "monai.networks.",
    "fairseq.data.",
    "surprise.",
    "implicit.",
    "pyod.",
    "hmmlearn.",
    "tslearn.",
    "sktime.",
    "econml.",
    "shap.",
    "dgl.",
    "flair.data.",
    "optuna.distributions.",
    "optuna.trial.",
    "optuna.samplers.",
    "nltk.tokenize.",
    "nltk.stem.",
    "nltk.probability.",
    "nltk.classify.",
    "nltk.tag.",
    "nltk.tree.",
    "nltk.lm.",
    "transformers.utils.generic.",
    "transformers.utils.quantization_config.",
    "transformers.utils.notebook.",
    "lightning.fabric.utilities.",
    "lightning_fabric.utilities.",
    "lightning.pytorch.callbacks.",
    "lightning.pytorch.utilities.",
    "lightning.pytorch.trainer.states.",
    "lightning.pytorch.core.",
    "pytorch_lightning.callbacks.",
    "pytorch_lightning.utilities.",
    "pytorch_lightning.trainer.states.",
    "pytorch_lightning.core.",
    "numpy.random.",
    "numpy.lib._stride_tricks_impl.",
    "scipy.signal.",
    "scipy.linalg.",
    "scipy.special.",
    "scipy.fft.",
    "scipy.ndimage.",
    "scipy.integrate.",
    "scipy.cluster.",
    "torch.ao.nn.",
    "torch.ao.quantization.",
    "torch.quantization.",
    "torch.amp.",
    "torch.cuda.amp.",
    "torch.utils.data.sampler.",
    "torch.utils.data.dataset.",
    "torch_geometric.inspector.",
    "torch_geometric.utils.",
    "torch_geometric.typing.",
    "torch_geometric.loader.",
    "networkx.classes.",
    "networkx.utils.misc.",
    "matplotlib.",
    "optax.",
    "flax.core.",
    "flax.struct.",
    "flax.training.train_state.",
    "patsy.",
    "formulaic.",
    "cycler.",
    "stable_baselines3.common.",
    "gym.spaces.",
    "gymnasium.spaces.",
    "detectron2.structures.",
    "segmentation_models_pytorch.",
    "efficientnet_pytorch.",
    "whisper.model.",
    "bokeh.models.",
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
    {"builtins", "iter", ArgumentCheck::iterator_of},
    {"builtins", "reduce", ArgumentCheck::union_type},
    {"operator", "attrgetter", ArgumentCheck::attribute_names},
    {"_operator", "attrgetter", ArgumentCheck::attribute_names},
    {"functools", "reduce", ArgumentCheck::union_type},
    {"_functools", "reduce", ArgumentCheck::union_type},
    {"itertools", "accumulate", ArgumentCheck::iterator_of},
    {"_codecs", "encode", ArgumentCheck::encode},
    {"codecs", "encode", ArgumentCheck::encode},
    {"copyreg", "_reconstructor", ArgumentCheck::reconstructor},
    {"copyreg", "__newobj__", ArgumentCheck::new_object},
    {"copyreg", "__newobj_ex__", ArgumentCheck::new_object},
    {"functools", "partial", ArgumentCheck::partial},
    {"_functools", "partial", ArgumentCheck::partial},
    {"torch.storage", "_load_from_bytes", ArgumentCheck::nested_torch},
    {"spacy.vocab", "unpickle_vocab", ArgumentCheck::inner_pickle},
    {"spacy.tokens.doc", "unpickle_doc", ArgumentCheck::inner_pickle},
    {"logging", "getLogger", ArgumentCheck::logger},
    {"_operator", "getitem", ArgumentCheck::typing_item},
    {"operator", "getitem", ArgumentCheck::typing_item},
    {"torch._tensor", "_rebuild_from_type_v2", ArgumentCheck::allowed_function},
    {"torch._tensor", "_rebuild_from_type", ArgumentCheck::allowed_function},
    {"jax._src.array", "_reconstruct_array", ArgumentCheck::allowed_function},
    {"numpy.random._pickle", "__generator_ctor", ArgumentCheck::allowed_function},
    {"numpy.random._pickle", "__bit_generator_ctor", ArgumentCheck::allowed_function},
    {"numpy.core", "_ufunc_reconstruct", ArgumentCheck::numeric_ufunc},
    {"http", "HTTPStatus", ArgumentCheck::one_constant},
    {"http", "HTTPMethod", ArgumentCheck::one_constant},
    {"signal", "Signals", ArgumentCheck::one_constant},
    {"socket", "AddressFamily", ArgumentCheck::one_constant},
    {"tensorflow.python.framework.dtypes", "as_dtype", ArgumentCheck::one_constant},
    {"ssl", "TLSVersion", ArgumentCheck::one_constant},
    {"dill._dill", "_create_array", ArgumentCheck::array_state},
    {"dill._dill", "_load_type", ArgumentCheck::type_name},
    {"numpy", "memmap", ArgumentCheck::kept_only},
    {"numpy.core.memmap", "memmap", ArgumentCheck::kept_only},
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
    {"tensorflow keras.utils keras.saving keras.src.utils keras.src.saving keras.models keras.src.legacy "
     "keras.src.export keras.export tf_keras "
     "tensorflow_hub",
     kRunsCode},
    {"joblib.numpy_pickle_utils joblib.memory joblib.externals joblib.parallel joblib.hashing joblib.disk joblib.pool "
     "joblib.executor joblib._parallel_backends joblib.testing joblib.backports joblib.func_inspect "
     "joblib._store_backends joblib._memmapping_reducer joblib.compressor",
     kRunsCode},
    {"nltk.data nltk.downloader nltk.internals nltk.app nltk.parse nltk.inference nltk.sem nltk.twitter "
     "nltk.tag.hunpos "
     "nltk.tag.senna nltk.tag.stanford nltk.classify.weka nltk.classify.megam nltk.classify.tadm "
     "nltk.tokenize.stanford nltk.tokenize.repp shap.datasets sktime.datasets lifelines.datasets implicit.datasets "
     "tslearn.datasets imblearn.datasets pmdarima.datasets catboost.datasets mlxtend.data flair.datasets "
     "surprise.dump surprise.builtin_datasets gensim.downloader stable_baselines3.common.save_util spacy.cli "
     "spacy.util thinc.util transformers.hub "
     "transformers.utils.hub transformers.dynamic_module_utils transformers.testing_utils transformers.pipelines "
     "timm.models.hub timm.models._hub ultralytics.utils.checks ultralytics.utils.downloads huggingface_hub "
     "lightning.app mlflow ray dask distributed celery pyspark",
     kRunsCode},
    {"yaml ruamel", kUnpickles},
    {"git dulwich docker kubernetes ansible", kRunsCommands},
    {"fastcore.xtras fastcore.net fastcore.script fastcore.imports fastcore.basics.exec_local fastai.torch_core.script "
     "optuna.storages deepspeed.ops torch.utils.data.backward_compatibility gradio streamlit langchain langchain_core "
     "langchain_community langchain_experimental llama_index autogen smolagents vllm sglang bentoml torchserve "
     "kfp airflow luigi prefect dagster metaflow sacred django flask werkzeug fastapi starlette "
     "uvicorn gunicorn hypercorn invoke nox tox virtualenv conda mamba poetry hatchling sqlalchemy "
     "pymysql psycopg2 pymongo redis peewee selenium playwright pyppeteer scrapy mechanize zmq "
     "pynput pyautogui pyperclip apscheduler dramatiq huey pathos ppft multiprocess "
     "loky pebble gevent eventlet trio anyio uvloop curio matplotlib.testing matplotlib.sphinxext matplotlib.backends "
     "matplotlib.texmanager matplotlib.animation matplotlib.style.core networkx.readwrite networkx.drawing "
     "networkx.utils.backends statsmodels.datasets statsmodels.iolib statsmodels.tools._testing "
     "statsmodels.tools.eval_measures.eval torch_geometric.datasets torch_geometric.io torch_geometric.graphgym "
     "torch_geometric.data.download torch_geometric.data.extract torch_geometric.template pydash.objects numba "
     "llvmlite cupy.cuda.compiler tvm bitsandbytes.cextension triton pyximport pywin32 win32com win32api pythoncom "
     "comtypes wmi code_runner restrictedpython asteval simpleeval RestrictedPython formulaic.parser "
     "patsy.eval bokeh.io bokeh.command tqdm.contrib tqdm.cli fire comet_ml neptune clearml wandb",
     kRunsCode},
};

/// Single names in modules that also hold harmless ones.
constexpr struct {
  std::string_view module;
  std::string_view names;
  std::string_view reason;
} kDangerousNames[] = {
    {"builtins",
     "eval exec execfile compile __import__ open file input raw_input breakpoint globals locals vars setattr delattr "
     "apply reload help exit quit __build_class__ anext aiter license credits copyright",
     kRunsCode},
    {"operator", "methodcaller call setitem delitem iadd concat __call__", kIndirect},
    {"_operator", "methodcaller call setitem delitem iadd concat", kIndirect},
    {"functools", "partialmethod singledispatch cached_property lru_cache _lru_cache_wrapper wraps", kIndirect},
    {"itertools", "starmap filterfalse takewhile dropwhile groupby", kIndirect},
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
    {"weakref", "finalize ref proxy WeakMethod", kIndirect},
    {"contextlib", "ExitStack contextmanager closing", kIndirect},
    {"string", "Formatter", kIndirect},
    {"collections", "namedtuple abc", kRunsCode},
    {"typing", "get_type_hints ForwardRef _eval_type", kRunsCode},
    {"dataclasses", "make_dataclass _create_fn", kRunsCode},
    {"enum", "_make_class_unpicklable", kRunsCode},
    {"datetime", "sys", kProcess},
    {"numpy",
     "load save savez savez_compressed fromfile loadtxt savetxt genfromtxt fromregex DataSource open_memmap "
     "tofile source lookfor test who",
     kFiles},
    {"numpy", "frompyfunc apply_along_axis apply_over_axes piecewise fromfunction fromiter", kIndirect},
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

/// Modules of the standard library that compute and do nothing else: their functions may be kept as values.
constexpr std::string_view kPureModules =
    "math cmath statistics string textwrap json json.decoder json.encoder copy hashlib _hashlib _sha2 _sha256 _sha512 "
    "_md5 _blake2 heapq _heapq bisect _bisect random _random time re unicodedata html colorsys zlib base64 binascii "
    "struct _struct fnmatch difflib calendar datetime decimal fractions keyword reprlib secrets hmac array itertools "
    "numbers _json _statistics _string";

/// Classes whose constructors read a file or reach the network by the name that they are given.
constexpr std::string_view kLoadByName[] = {"sentence_transformers.",
                                            "ultralytics.engine.",
                                            "ultralytics.nn.",
                                            "spacy.",
                                            "whisper.",
                                            "gensim.models.",
                                            "flair.",
                                            "nltk.tag.",
                                            "models.yolo.",
                                            "segmentation_models_pytorch.",
                                            "efficientnet_pytorch.",
                                            "torch_geometric.data.",
                                            "sktime.",
                                            "surprise.",
                                            "monai."};

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
    {"urlparse", "urllib.parse"},
    {"Cookie", "http.cookies"},
    {"cookielib", "http.cookiejar"},
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
  std::unordered_set<std::string_view> pure;
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
    for (const Names& entry : kNamed) {
      words(entry.names, [&](std::string_view name) {
        names[key(entry.module, name)] = {Standing::named, ArgumentCheck::none, {}};
      });
    }
    for (const Names& entry : kClasses) {
      words(entry.names, [&](std::string_view name) {
        names[key(entry.module, name)] = {Standing::class_only, ArgumentCheck::one_constant, {}};
      });
    }
    for (const CheckedName& entry : kChecked) {
      names[key(entry.module, entry.name)] = {Standing::checked, entry.check,
                                              entry.check == ArgumentCheck::kept_only ? kFiles : kIndirect};
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
    words(kPureModules, [&](std::string_view name) { pure.insert(name); });
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

/// Names that do the same wherever they are imported from: modules pass on what they import themselves.
bool is_infamous(std::string_view name) {
  constexpr std::string_view kInfamous =
      " system popen popen2 popen3 popen4 Popen spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe execl "
      "execle execlp execlpe execv execve execvp execvpe posix_spawn posix_spawnp startfile check_call check_output "
      "getoutput getstatusoutput exec eval execfile compile __import__ import_module run_path run_module runpy runcode "
      "runsource runctx runeval runcall runstring run_command run_cmd run_code run_script run_line_magic "
      "safe_execfile shell_exec exec_command exec_module exec_code execute_code eval_code evaluate_expression "
      "eval_expr unsafe_eval literal_exec urlopen urlretrieve create_connection loads unpickle read_pickle "
      "load_pickle pickle_load unpickle_file load_module load_source load_dynamic load_library LoadLibrary dlopen "
      "CDLL WinDLL PyDLL OleDLL FunctionType CodeType LambdaType Interpreter InteractiveInterpreter "
      "InteractiveConsole rmtree unlink symlink write_text write_bytes open_url reload builtins subprocess "
      "get_file cached_download hf_hub_download snapshot_download load_from_url load_state_dict_from_url "
      "download_url download_url_to_file extractall unpack_archive breakpoint set_trace ";
  const std::string_view last = name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
  const std::string spaced = " " + std::string(last) + " ";
  return kInfamous.find(spaced) != std::string_view::npos;
}

bool is_exception_name(std::string_view name) {
  return is_cap_words(name) && (name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning"));
}

std::string_view first_part(std::string_view dotted) {
  return dotted.substr(0, dotted.find('.'));
}

bool in_class_package(std::string_view module) {
  const std::string with_dot = std::string(module) + ".";
  return std::any_of(std::begin(kClassPackages), std::end(kClassPackages),
                     [&](std::string_view prefix) { return with_dot.starts_with(prefix); });
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
  // Copies of a package that pass its names on.
  constexpr std::string_view kCompatible = ".array_api_compat.";
  if (const std::size_t at = out.find(kCompatible); at != std::string::npos) {
    out = out.substr(at + kCompatible.size());
  }
  return out;
}

Judgement judge_callable(std::string_view raw_module, std::string_view name) {
  const Tables& known = tables();
  const std::string module = canonical_module(raw_module);
  // The same, where the copied package stands in the name.
  if (module.ends_with(".array_api_compat") && (name.starts_with("torch.") || name.starts_with("numpy."))) {
    const std::size_t dot = name.find('.');
    return judge_callable(name.substr(0, dot), name.substr(dot + 1));
  }
  const auto lookup = [&](std::string_view m, std::string_view n) -> const Judgement* {
    const auto found = known.names.find(Tables::key(m, n));
    return found == known.names.end() ? nullptr : &found->second;
  };
  if (const Judgement* found = lookup(module, name)) {
    return *found;
  }
  const bool standard = known.standard.count(first_part(module)) > 0 || known.pure.count(module) > 0;
  // Exceptions hold what they are given. (One word: what a dotted name leads to is judged below.)
  constexpr std::string_view kOtherExceptions = " gaierror herror timeout error Empty Full BadZipFile LargeZipFile ";
  if (is_exception_name(name) ||
      (standard && kOtherExceptions.find(" " + std::string(name) + " ") != std::string_view::npos)) {
    const bool known_place = standard || in_class_package(module);
    return {known_place ? Standing::allowed : Standing::own, ArgumentCheck::none, {}};
  }
  if ((module == "ast" || module == "_ast") && is_cap_words(name)) {  // nodes of a syntax tree
    return {Standing::class_only, ArgumentCheck::one_constant, {}};
  }
  if (const std::string_view reason = module_danger(module); !reason.empty()) {
    return {Standing::dangerous, ArgumentCheck::none, reason};
  }
  if (first_part(module) == "__torch__") {  // classes of TorchScript, which Python cannot import
    return {Standing::allowed, ArgumentCheck::none, {}};
  }
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
      return is_infamous(name) ? Judgement{Standing::dangerous, ArgumentCheck::none, kRunsCode} : Judgement{};
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
    if (is_infamous(name)) {
      return {Standing::dangerous, ArgumentCheck::none, kRunsCode};
    }
    return {is_cap_words_name(name) ? Standing::own : Standing::unknown, ArgumentCheck::none, {}};
  }
  if (standard) {
    // Types for annotations and abstract classes.
    if ((module == "typing" || module == "collections.abc") && is_cap_words(name)) {
      return {
          module == "typing" && name == "NamedTuple" ? Standing::named : Standing::allowed, ArgumentCheck::none, {}};
    }
    // Its classes may be made of a state, as any; what it writes into pickles otherwise is on the list.
    if (is_cap_words(name) && (!module.starts_with('_') || known.pure.count(module) > 0)) {
      return {Standing::class_only, ArgumentCheck::one_constant, {}};
    }
    if (known.pure.count(module) > 0 && !name.starts_with("__") && !is_infamous(name)) {
      return {Standing::named, ArgumentCheck::none, {}};
    }
    if (known.pure.count(module) > 0 && module.starts_with("json") && name == "loads") {
      return {Standing::named, ArgumentCheck::none, {}};
    }
    return {Standing::dangerous, ArgumentCheck::none, "it is no part of any saved object"};
  }
  if (module.starts_with('_') && module != "__main__") {
    return {Standing::dangerous, ArgumentCheck::none, "the module is private to Python"};
  }
  if (is_infamous(name)) {
    return {Standing::dangerous, ArgumentCheck::none, kRunsCode};
  }
  if (in_class_package(module)) {
    const std::string with_dot = module + ".";
    // Cython's own reconstruction of a class, and lower-case classes of these packages (csr_matrix, rv_continuous).
    const bool state_space = module.starts_with("statsmodels.tsa.statespace._") && name.size() > 1 &&
                             (name[0] == 's' || name[0] == 'd' || name[0] == 'c' || name[0] == 'z') &&
                             is_cap_words(name.substr(1));
    const bool sparse = module.starts_with("scipy.sparse.") && (name.ends_with("_matrix") || name.ends_with("_array"));
    const bool distribution = module.starts_with("scipy.stats.") &&
                              (name.ends_with("_gen") || name == "rv_frozen" || name == "rv_continuous_frozen");
    const bool offset = module == "pandas._libs.tslibs.offsets" && is_cap_words(name);
    if (name.starts_with("__pyx_unpickle_") || sparse || offset || distribution || name == "interp1d" || state_space ||
        module == "transformers.modeling_outputs") {
      return {Standing::allowed, ArgumentCheck::none, {}};
    }
    // Functions are kept as values; calling one with arguments is not looked into.
    const bool by_name = std::any_of(std::begin(kLoadByName), std::end(kLoadByName),
                                     [&](std::string_view prefix) { return with_dot.starts_with(prefix); });
    return {Standing::class_only,
            !is_cap_words_name(name) ? ArgumentCheck::none
            : by_name                ? ArgumentCheck::no_text
                                     : ArgumentCheck::one_constant,
            {}};
  }
  if (module.starts_with("sympy.functions.")) {  // its functions are classes in lower case
    return {Standing::own, ArgumentCheck::none, {}};
  }
  // A class of a package that is not known may be made of data and given a state, as those of the program itself.
  if (is_cap_words_name(name)) {
    return {Standing::own, ArgumentCheck::none, {}};
  }
  return {};
}

bool is_cap_words_name(std::string_view name) {
  const std::vector<std::string_view> parts = base::split(name, '.');
  return std::all_of(parts.begin(), parts.end(), is_cap_words);
}

bool is_standard_module(std::string_view module) {
  return tables().standard.count(first_part(module)) > 0;
}

bool names_an_actor(std::string_view name) {
  constexpr std::string_view kActors =
      " Process Subprocess Command Shell Popen Exec Executor Spawn Download Downloader Socket Runner Session Client "
      "Connection Server Request Launcher Loader ";
  // The words of a name in CapWords; only the last says what it is.
  std::size_t begin = name.size();
  while (begin > 0 && !(name[begin - 1] >= 'A' && name[begin - 1] <= 'Z')) {
    --begin;
  }
  return begin > 0 && kActors.find(" " + std::string(name.substr(begin - 1)) + " ") != std::string_view::npos;
}

bool evaluates_its_text(std::string_view module) {
  const std::string_view top = first_part(module);
  return top == "statsmodels" || top == "patsy" || top == "formulaic";
}

bool reads_like_python_call(std::string_view text) {
  constexpr std::string_view kSigns[] = {"__import__", "__builtins__", "__class__", "__globals__", "__subclasses__",
                                         "eval(",      "exec(",        "compile(",  "getattr(",    "globals(",
                                         "system(",    "popen(",       "Popen(",    "subprocess",  "importlib",
                                         "open(",      "lambda ",      "lambda:"};
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return text.find(sign) != std::string_view::npos; });
}

bool reads_like_command(std::string_view text) {
  constexpr std::string_view kSigns[] = {
      "/bin/",   "curl ",     "wget ",       "http://",    "https://",  "import os",  "__import__", "exec(",
      "eval(",   "os.system", "bash ",       "powershell", "cmd.exe",   "subprocess", "nc -",       "/dev/tcp",
      "chmod ",  "rm -rf",    "/etc/passwd", "base64 ",    "socket.",   "import sys", "sh -c",      "; touch",
      "touch /", "whoami",    "lambda:",     "rm -",       "/tmp/",     "$(",         "| sh",       "|sh",
      "; id",    "nc ",       "ncat ",       ".exe",       "echo ",     "print(",     "open(",      "ping ",
      "cat /",   "ls -",      "C:\\",        "calc.exe",   "python -c", "python3 -c"};
  const std::string_view head = text.substr(0, 4096);
  return std::any_of(std::begin(kSigns), std::end(kSigns),
                     [&](std::string_view sign) { return head.find(sign) != std::string_view::npos; });
}

}  // namespace scan
