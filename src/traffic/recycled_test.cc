#include "traffic/recycled.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace traffic {
namespace {

struct Large final : Recycled<Large> {
  std::uint64_t values[300] = {};
};

TEST(Recycled, GivesTheMemoryOfOneToTheNext) {
  auto first = std::make_unique<Large>();
  first->values[299] = 7;
  const Large* const place = first.get();
  first.reset();
  const auto second = std::make_unique<Large>();
  EXPECT_EQ(second.get(), place);
  EXPECT_EQ(second->values[299], 0U);
}

TEST(Recycled, KeepsNoMoreThanSomeAndOutlivesItsThread) {
  std::vector<std::unique_ptr<Large>> many;
  std::thread([&] {
    for (int round = 0; round < 3; ++round) {
      many.clear();  // what this thread made, and more than it keeps
      for (std::uint64_t i = 0; i < 1000; ++i) {
        many.push_back(std::make_unique<Large>());
        many.back()->values[i % 300] = i;
      }
    }
  }).join();
  for (std::uint64_t i = 0; i < many.size(); ++i) {
    EXPECT_EQ(many[i]->values[i % 300], i);
  }
}

}  // namespace
}  // namespace traffic
