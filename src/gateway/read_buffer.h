#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

namespace gateway {

/// Memory to read into. Its pages are not touched before something is read into them: an idle connection costs little.
class ReadBuffer {
 public:
  [[nodiscard]] char* data() { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Makes it larger; keeps what is in it.
  void grow(std::size_t size) {
    auto larger = std::make_unique_for_overwrite<char[]>(size);
    if (size_ > 0) {
      std::memcpy(larger.get(), bytes_.get(), std::min(size, size_));
    }
    bytes_ = std::move(larger);
    size_ = size;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace gateway
