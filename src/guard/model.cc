#include "guard/model.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

#include "base/byte_cursor.h"
#include "base/digest.h"
#include "base/embedded.h"

namespace embedded {
extern const std::span<const base::EmbeddedFile> guard_models;
}

namespace guard {
namespace {

constexpr std::string_view kMagic = "surety-guard\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kPieceBytes = 1U << 20;
constexpr std::size_t kOverlapBytes = 2048;

void put_u32(std::string& out, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xFF);
  }
}
void put_float(std::string& out, float value) {
  put_u32(out, std::bit_cast<std::uint32_t>(value));
}
base::Result<float> read_float(base::ByteCursor& in, std::string_view field) {
  const float value = std::bit_cast<float>(TRY(in.le<std::uint32_t>(field)));
  if (!std::isfinite(value)) {
    return in.fail(base::Errc::malformed, field, "not a number");
  }
  return value;
}

}  // namespace

Model::Model(Parameters parameters) : parameters_(std::move(parameters)) {
  parameters_.weights.resize(std::size_t{1} << parameters_.log2_size);
}

Model::Model(const std::vector<float>& weights, Parameters rest) : parameters_(std::move(rest)) {
  float largest = 0;
  for (const float weight : weights) {
    largest = std::max(largest, std::abs(weight));
  }
  parameters_.scale = largest == 0 ? 1 : largest / 127;
  parameters_.weights.reserve(weights.size());
  for (const float weight : weights) {
    parameters_.weights.push_back(static_cast<std::int8_t>(std::lround(weight / parameters_.scale)));
  }
  parameters_.weights.resize(std::size_t{1} << parameters_.log2_size);
}

std::string Model::to_bytes() const {
  std::string out(kMagic);
  put_u32(out, kVersion);
  put_u32(out, parameters_.log2_size);
  put_float(out, parameters_.bias);
  put_float(out, parameters_.threshold);
  put_float(out, parameters_.slope);
  for (const float value : parameters_.bigrams.log_probability) {
    put_float(out, value);
  }
  put_float(out, parameters_.scale);
  for (const std::int8_t weight : parameters_.weights) {
    out += static_cast<char>(weight);
  }
  const base::Sha256 digest = base::sha256(out);
  out.append(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
  return out;
}

base::Result<Model> Model::parse(base::Bytes bytes) {
  base::ByteCursor in(bytes);
  if (base::as_text(TRY(in.take(kMagic.size(), "guard model"))) != kMagic) {
    return base::Error{base::Errc::malformed, "guard model: it does not begin as one"};
  }
  const auto version = TRY(in.le<std::uint32_t>("guard model version"));
  if (version != kVersion) {
    return base::Error{base::Errc::unsupported, "guard model: version " + std::to_string(version) + ", not 1"};
  }
  Parameters parameters;
  parameters.log2_size = TRY(in.le<std::uint32_t>("guard model size"));
  if (parameters.log2_size < kMinLog2Size || parameters.log2_size > kMaxLog2Size) {
    return in.fail(base::Errc::malformed, "guard model size", "not 10 to 24");
  }
  parameters.bias = TRY(read_float(in, "guard model bias"));
  parameters.threshold = TRY(read_float(in, "guard model threshold"));
  parameters.slope = TRY(read_float(in, "guard model slope"));
  for (float& value : parameters.bigrams.log_probability) {
    value = TRY(read_float(in, "guard model bigram"));
  }
  parameters.scale = TRY(read_float(in, "guard model scale"));
  const base::Bytes weights = TRY(in.take(std::uint64_t{1} << parameters.log2_size, "guard model weights"));
  const base::Sha256 digest = base::sha256(bytes.first(bytes.size() - in.remaining()));
  const base::Bytes written = TRY(in.take(digest.bytes.size(), "guard model digest"));
  TRY(in.expect_end("guard model"));
  if (!std::equal(written.begin(), written.end(), std::as_bytes(std::span(digest.bytes)).begin())) {
    return base::Error{base::Errc::untrusted, "guard model: its digest does not match its content"};
  }
  parameters.weights.reserve(weights.size());
  for (const std::byte weight : weights) {
    parameters.weights.push_back(std::bit_cast<std::int8_t>(weight));
  }
  return Model(std::move(parameters));
}

const Model& Model::built_in() {
  static const Model model = [] {
    auto parsed = parse(base::as_bytes(embedded::guard_models.front().content));
    if (!parsed) {
      std::abort();  // our own file, checked by a test
    }
    return std::move(*parsed);
  }();
  return model;
}

Score Model::score(std::string_view text) const {
  Score best;
  float best_raw = 0;
  bool any = false;
  thread_local std::vector<Feature> features;
  constexpr std::size_t kKeptFeatures = 1U << 16;
  for (std::size_t start = 0; start == 0 || start < text.size(); start += kPieceBytes - kOverlapBytes) {
    const std::string_view piece = text.substr(start, kPieceBytes);
    for (const View& view : views_of(piece, parameters_.bigrams)) {
      features.clear();
      features_of(view.text, parameters_.log2_size, features, parameters_.weights.data());
      if (features.empty()) {
        continue;
      }
      Window window = best_window(features, parameters_.weights, parameters_.scale, parameters_.bias);
      window.raw += view.kind == View::Kind::hidden ? kHiddenSign : 0;
      if (any && window.raw <= best_raw) {
        continue;
      }
      any = true;
      best_raw = window.raw;
      const std::size_t first = features[window.first].at;
      const std::size_t last = window.last < features.size() ? features[window.last].at : view.text.size();
      const auto [low, high] = std::minmax_element(view.offsets.begin() + static_cast<std::ptrdiff_t>(first),
                                                   view.offsets.begin() + static_cast<std::ptrdiff_t>(last));
      best.view = view.kind;
      best.begin = static_cast<std::uint32_t>(start) + *low;
      best.end = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), start + *high + 1));
    }
    if (start + kPieceBytes >= text.size()) {
      break;
    }
  }
  if (features.capacity() > kKeptFeatures) {
    features = {};
  }
  best.value = any ? 1 / (1 + std::exp(-parameters_.slope * (best_raw - parameters_.threshold))) : 0;
  return best;
}

}  // namespace guard
