#include <cstdlib>

#include "formats/onnx/schema.h"
#include "formats/protobuf/text.h"
#include "formats/protobuf/wire.h"

// A walk tells of fields within the bytes only, leaves what it enters, and ends without a problem only at their end.
// Text that can be encoded gives bytes that can be walked.
namespace {

namespace protobuf = formats::protobuf;

class Checker final : public protobuf::Handler {
 public:
  explicit Checker(std::size_t size) : size_(size) {}
  bool enter(const protobuf::Found& found) override {
    check(found);
    ++depth_;
    return true;
  }
  void leave(const protobuf::FieldSpec& /*field*/) override {
    if (depth_-- == 0) {
      std::abort();
    }
  }
  void value(const protobuf::Found& found) override { check(found); }
  void unknown(const protobuf::Found& found) override { check(found); }
  [[nodiscard]] std::size_t depth() const { return depth_; }

 private:
  void check(const protobuf::Found& found) const {
    if (found.content.offset > size_ || found.content.bytes.size() > size_ - found.content.offset) {
      std::abort();
    }
  }
  std::size_t size_;
  std::size_t depth_ = 0;
};

bool walks(base::Bytes bytes) {
  Checker checker(bytes.size());
  const auto report = protobuf::walk(bytes, formats::onnx::kSchema, formats::onnx::kModelProto, checker);
  if (report.complete() && checker.depth() != 0) {
    std::abort();
  }
  return report.complete();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes{reinterpret_cast<const std::byte*>(data), size};
  walks(bytes);
  const auto encoded = protobuf::encode_text(base::as_text(bytes), formats::onnx::kSchema, formats::onnx::kModelProto);
  if (encoded && !walks(base::as_bytes(encoded->wire))) {
    std::abort();
  }
  return 0;
}
