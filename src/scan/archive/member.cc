#include "scan/archive/member.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "formats/identify.h"
#include "formats/pickle/machine.h"
#include "scan/keras/keras.h"
#include "scan/pickle/judge_pickle.h"
#include "scan/text/route.h"

namespace scan {
namespace {

using namespace std::string_view_literals;

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view e) { return text.ends_with(e); });
}

/// How a loader uses a member of that name.
enum class Role : std::uint8_t {
  unknown,  ///< Its content says.
  pickle,
  keras_config,
  torchscript_code,
  packaged_code,
  config,   ///< Of models and tokenizers.
  targets,  ///< YAML with `_target_`.
};

std::string normal(std::string_view name) {
  std::string lower = base::to_lower(name);
  std::replace(lower.begin(), lower.end(), '\\', '/');
  return lower;
}

std::string_view base_name(std::string_view normal_name) {
  const std::size_t slash = normal_name.rfind('/');
  return slash == std::string_view::npos ? normal_name : normal_name.substr(slash + 1);
}

bool carries_code(ArchiveUse use) {
  return use == ArchiveUse::torch_package || use == ArchiveUse::torchserve || use == ArchiveUse::nemo ||
         use == ArchiveUse::torch || use == ArchiveUse::named || use == ArchiveUse::keras || use == ArchiveUse::npz;
}

Role role_of(ArchiveUse use, std::string_view name) {
  const std::string lower = normal(name);
  const std::string_view last = base_name(lower);
  if (use == ArchiveUse::keras && lower.ends_with(".json")) {
    return Role::keras_config;
  }
  if (use == ArchiveUse::torchscript && lower.ends_with(".py")) {
    return Role::torchscript_code;
  }
  if (carries_code(use) && ends_with_any(lower, {".py", ".pyw"})) {
    return Role::packaged_code;
  }
  if (is_pickle_name(lower)) {
    return Role::pickle;
  }
  if (ends_with_any(last, {".yaml", ".yml"}) && (use == ArchiveUse::nemo || last == "model_config.yaml")) {
    return Role::targets;
  }
  constexpr std::string_view kConfigs[] = {
      "config.json",           "tokenizer_config.json",     "generation_config.json",
      "processor_config.json", "preprocessor_config.json",  "chat_template.json",
      "adapter_config.json",   "sentence_bert_config.json", "chat_template.jinja"};
  if (std::find(std::begin(kConfigs), std::end(kConfigs), last) != std::end(kConfigs) ||
      ends_with_any(last, {".jinja", ".jinja2"})) {
    return Role::config;
  }
  return Role::unknown;
}

/// Whether some rule but those for executables knows what begins so. A script is text like any other.
bool is_known_content(base::Bytes head, std::string_view name) {
  const std::string_view program = executable_format(head);
  return (program.empty() || program == "script") && interests(head, name);
}

/// Whether compiled Python begins so: a version's magic number, then flags.
bool is_compiled_python(base::Bytes head) {
  return head.size() >= 16 && head[2] == std::byte{0x0D} && head[3] == std::byte{0x0A} && head[1] >= std::byte{0x0B} &&
         head[1] <= std::byte{0x0F} && head[4] < std::byte{4} && head[5] == std::byte{0};
}

}  // namespace

UseFinder::UseFinder(std::string_view path) : model_name_(is_model_name(path)) {}

void UseFinder::see(std::string_view member) {
  const std::string name = normal(member);
  const std::string_view last = base_name(name);
  data_pkl_ = data_pkl_ || last == "data.pkl";
  constants_pkl_ = constants_pkl_ || last == "constants.pkl";
  code_ = code_ || name.find("/code/") != std::string::npos || name.starts_with("code/");
  keras_ = keras_ || last == "model.weights.h5";
  npy_ = npy_ || last.ends_with(".npy");
  other_ = other_ || !(last.ends_with(".npy") || last.empty());
  mar_ = mar_ || name.ends_with("mar-inf/manifest.json");
  package_ = package_ || name.find(".data/extern_modules") != std::string::npos ||
             name.find(".data/python_version") != std::string::npos;
  nemo_ = nemo_ || last == "model_config.yaml";
  exported_ = exported_ || last == "archive_format" || last == "serialized_exported_program.json";
}

ArchiveUse UseFinder::use() const {
  // First what is read most strictly: members that make an archive two things must not soften the judgement.
  if (constants_pkl_ && code_) {
    return ArchiveUse::torchscript;
  }
  if (package_) {
    return ArchiveUse::torch_package;
  }
  if (mar_) {
    return ArchiveUse::torchserve;
  }
  if (data_pkl_) {
    return ArchiveUse::torch;
  }
  if (exported_) {
    return ArchiveUse::exported;
  }
  if (keras_) {
    return ArchiveUse::keras;
  }
  if (nemo_) {
    return ArchiveUse::nemo;
  }
  if (npy_ && !other_) {
    return ArchiveUse::npz;
  }
  return model_name_ ? ArchiveUse::named : ArchiveUse::plain;
}

std::string_view UseFinder::format_of(ArchiveUse use) {
  switch (use) {
    case ArchiveUse::torch:
      return "torch-zip";
    case ArchiveUse::torchscript:
      return "torchscript";
    case ArchiveUse::torch_package:
      return "torch-package";
    case ArchiveUse::keras:
      return "keras-zip";
    case ArchiveUse::npz:
      return "npz";
    case ArchiveUse::torchserve:
      return "mar";
    case ArchiveUse::nemo:
      return "nemo";
    case ArchiveUse::exported:
      return "torch-export";
    default:
      return {};
  }
}

bool is_model_name(std::string_view path) {
  const std::string lower = base::to_lower(last_name(path));
  return ends_with_any(
      lower, {".pkl",  ".pickle",  ".joblib", ".pt",          ".pth",         ".ckpt",        ".ptl",    ".pte",
              ".bin",  ".npy",     ".npz",    ".h5",          ".hdf5",        ".keras",       ".onnx",   ".gguf",
              ".ggml", ".tflite",  ".pb",     ".mar",         ".safetensors", ".nemo",        ".dill",   ".engine",
              ".trt",  ".mlmodel", ".pt2",    ".torchscript", ".weights",     ".cloudpickle", ".msgpack"});
}

bool is_pickle_name(std::string_view name) {
  const std::string lower = base::to_lower(name);
  return ends_with_any(
      lower, {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".dill", ".cloudpickle", ".debug_pkl"});
}

bool is_storage(ArchiveUse use, std::string_view name) {
  if (use != ArchiveUse::torch && use != ArchiveUse::torchscript && use != ArchiveUse::torch_package) {
    return false;
  }
  const std::string lower = normal(name);
  const std::size_t slash = lower.rfind('/');
  if (slash == std::string::npos) {
    return false;
  }
  const std::string_view last = std::string_view(lower).substr(slash + 1);
  const std::string_view folder = base_name(std::string_view(lower).substr(0, slash));
  const bool number =
      !last.empty() && std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
  return (number && (folder == "data" || folder == "constants" || folder == "tensors" || folder == "attributes")) ||
         (folder == ".data" && last.ends_with(".storage"));
}

std::string_view executable_format(base::Bytes head) {
  for (const formats::Identified& one :
       formats::identify(head.first(std::min<std::size_t>(head.size(), kHeadBytes)), "")) {
    if (one.format == "elf" || one.format == "pe" || one.format == "mach-o" || one.format == "lnk") {
      return one.format;
    }
  }
  const std::string_view text = base::as_text(head);
  if (text.starts_with("#!/") || text.starts_with("#! /")) {
    return "script";
  }
  return {};
}

bool wants_member(ArchiveUse use, std::string_view name, base::Bytes head, std::uint64_t size) {
  if (is_storage(use, name)) {
    return is_known_content(head, "");
  }
  const bool small_and_unknown = use != ArchiveUse::plain && use != ArchiveUse::npz && size <= kSearchBytes;
  return small_and_unknown || role_of(use, name) != Role::unknown || is_known_content(head, name);
}

bool judge_member_head(ArchiveUse use, std::string_view name, const std::string& path, base::Bytes head,
                       Collector& out) {
  const bool model = is_model_name(name) && !name.ends_with(".bin");
  const bool strict = use != ArchiveUse::plain && use != ArchiveUse::torchserve && use != ArchiveUse::nemo &&
                      use != ArchiveUse::exported;
  const std::string_view format = executable_format(head);
  if (!format.empty()) {
    const std::string what = format == "script" ? "a script" : "a program (" + std::string(format) + ")";
    if (model || (strict && !(format == "script" && role_of(use, name) != Role::unknown))) {
      out.add("model-is-executable", {path, "", 0, 0, what, "What should be part of a model is " + what + "."});
      return true;
    }
    if (use != ArchiveUse::plain && format != "script") {
      out.add("archive-executable", {path, "", 0, 0, what, "The model archive brings along " + what + "."});
      return true;
    }
    return format != "script";
  }
  const std::string lower = normal(name);
  if (strict &&
      (is_compiled_python(head) || ends_with_any(lower, {".sh", ".bash", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".hta",
                                                         ".exe", ".dll", ".so", ".dylib", ".pyc", ".jar"}))) {
    out.add("archive-executable", {path, "", 0, 0, base::printable(name),
                                   "The model archive brings along code that no loader of such models needs."});
  } else if ((use == ArchiveUse::torch || use == ArchiveUse::keras || use == ArchiveUse::npz) &&
             lower.ends_with(".py")) {
    out.add("archive-executable", {path, "", 0, 0, base::printable(name),
                                   "The model archive brings along Python that no loader of such models needs."});
  } else if (use != ArchiveUse::plain && is_compiled_python(head)) {
    out.add("archive-executable", {path, "", 0, 0, base::printable(name),
                                   "The model archive brings along compiled Python, which nobody can read."});
    out.not_covered(path, "compiled Python is not read");
  }
  return false;
}

void judge_member(ArchiveUse use, std::string_view name, const std::string& path, base::Bytes bytes,
                  std::uint32_t depth, Collector& out) {
  if (is_storage(use, name)) {
    (void)judge_content(bytes, path, Trust::content, depth + 1, out);
    return;
  }
  const std::string_view text = base::as_text(bytes);
  switch (role_of(use, name)) {
    case Role::pickle: {
      const std::string lower = normal(name);
      // Loaders of torch.save and TorchScript unpickle these whatever they look like.
      if ((use == ArchiveUse::torch || use == ArchiveUse::torchscript) && !lower.ends_with(".bin")) {
        judge_pickle(bytes, path, PickleUse::member, depth + 1, out);
        if (base_name(lower) != "data.pkl") {  // a whole model as an extra file
          (void)judge_content(bytes, path, Trust::content, depth + 1, out);
        }
        return;
      }
      // Elsewhere the name says little: .pth is also a file of paths for Python, .bin anything.
      const bool says_pickle = names_a_pickle(lower) || lower.ends_with(".debug_pkl");
      const bool plain = use == ArchiveUse::plain || use == ArchiveUse::named;
      const Trust trust = says_pickle || !plain || lower.ends_with(".bin") ? Trust::name : Trust::content;
      if (!judge_content(bytes, path, trust, depth + 1, out) && says_pickle) {
        judge_pickle(bytes, path, plain ? PickleUse::stream : PickleUse::member, depth + 1, out);
      }
      return;
    }
    case Role::keras_config:
      judge_keras_config(text, path, out);
      return;
    case Role::torchscript_code:
      judge_torchscript(text, path, out);
      return;
    case Role::packaged_code:
      judge_packaged_code(text, path, out);
      (void)judge_text(bytes, path, std::nullopt, out);
      return;
    case Role::targets:
      judge_targets(text, path, out);
      (void)judge_text(bytes, path, std::nullopt, out);
      return;
    case Role::config:
      (void)judge_readings(bytes, path, Trust::content, depth + 1, out);
      (void)judge_text(bytes, path, std::nullopt, out);
      return;
    case Role::unknown:
      break;
  }
  const Trust trust = names_a_model_format(name) ? Trust::name : Trust::content;
  if (!judge_content(bytes, path, trust, depth + 1, out) && use != ArchiveUse::plain && bytes.size() <= kSearchBytes) {
    judge_loose_bytes(bytes, 0, path, depth, out);
  }
}

void judge_loose_bytes(base::Bytes bytes, std::uint64_t offset, const std::string& path, std::uint32_t depth,
                       Collector& out) {
  constexpr std::size_t kMost = 64U << 20;
  if (bytes.size() > kMost) {
    bytes = bytes.first(kMost);
  }
  const std::string where = offset == 0 ? path : path + "!bytes@" + std::to_string(offset);
  if (offset != 0 && judge_content(bytes, where, Trust::content, depth + 1, out)) {
    return;
  }
  std::uint64_t budget = formats::pickle::kHiddenBudget / 20;
  if (const auto hidden = formats::pickle::find_hidden(bytes, 0, budget)) {
    judge_pickle(bytes.subspan(static_cast<std::size_t>(*hidden)), where + "!pickle@" + std::to_string(*hidden),
                 PickleUse::second, depth + 1, out);
  }
}

bool leads_out(std::string_view name) {
  if (name.starts_with("/") || name.starts_with("\\") || (name.size() > 1 && name[1] == ':')) {
    return true;
  }
  const std::string lower = normal(name);
  const auto parts = base::split(lower, '/');
  return std::find(parts.begin(), parts.end(), ".."sv) != parts.end();
}

bool link_leads_out(std::string_view member, std::string_view target) {
  if (target.starts_with("/") || target.starts_with("\\") || (target.size() > 1 && target[1] == ':')) {
    return true;
  }
  const std::string from = normal(member);
  const std::string to = normal(target);
  std::int64_t level = 0;
  const auto parts_of_folder = base::split(from, '/');
  for (std::size_t i = 0; i + 1 < parts_of_folder.size(); ++i) {
    level += parts_of_folder[i].empty() || parts_of_folder[i] == "." ? 0 : 1;
  }
  for (const std::string_view part : base::split(to, '/')) {
    level += part == ".." ? -1 : part.empty() || part == "." ? 0 : 1;
    if (level < 0) {
      return true;
    }
  }
  return false;
}

bool judge_executable(const Content& content, Collector& out) {
  if (!is_model_name(content.path)) {
    return false;
  }
  out.format(content.format);
  out.add("model-is-executable",
          {content.path, "byte 0", 0, 0, std::string(content.format),
           "The file is named like a model, and is a program (" + std::string(content.format) + ")."});
  return true;
}

void report_problem(const base::Error& problem, std::string_view rule, const std::string& path, Collector& out) {
  if (problem.code == base::Errc::too_large) {
    out.add("limit-reached", {path, byte_place(problem.offset), problem.offset, 0, problem.message, ""});
    out.not_covered(path, problem.message);
  } else if (problem.code == base::Errc::unsupported) {
    out.not_covered(path, problem.message + " is not read");
  } else {
    out.add(rule, {path, byte_place(problem.offset), problem.offset, 0, problem.message,
                   "The content cannot be read in full: " + problem.message + "."});
    if (problem.code != base::Errc::untrusted) {
      out.not_covered(path, problem.message);
    }
  }
}

}  // namespace scan
