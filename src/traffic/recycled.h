#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "traffic/thread_kept.h"

namespace traffic {

/// Base of a class of which every request makes one, and which is too large for malloc() to be quick about: its memory
/// goes to the next one that the thread makes. `Derived` is final.
template <class Derived>
class Recycled {
 public:
  static void* operator new(std::size_t size) {
    if (Spare* const spare = of_thread<Spare>(); spare != nullptr && size == sizeof(Derived) && !spare->kept.empty()) {
      void* const memory = spare->kept.back();
      spare->kept.pop_back();
      return memory;
    }
    return ::operator new(size);
  }
  static void operator delete(void* memory, std::size_t size) {
    if (Spare* const spare = of_thread<Spare>();
        spare != nullptr && size == sizeof(Derived) && spare->kept.size() < kMostKept) {
      spare->kept.push_back(memory);
      return;
    }
    ::operator delete(memory);
  }

 protected:
  Recycled() = default;
  ~Recycled() = default;

 private:
  static constexpr std::size_t kMostKept = 256;
  struct Spare {
    std::vector<void*> kept;
    Spare() = default;
    Spare(const Spare&) = delete;
    Spare& operator=(const Spare&) = delete;
    ~Spare() {
      for (void* memory : kept) {
        ::operator delete(memory);
      }
    }
  };
};

}  // namespace traffic
