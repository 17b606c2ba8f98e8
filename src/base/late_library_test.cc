#include "base/late_library.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace base {
namespace {

TEST(LateLibrary, CallsFunctionsFromEveryThread) {
  static LateLibrary library("libm.so.6");
  static const LateFunction<double (*)(double)> root(library, "sqrt");
  ASSERT_TRUE(library.load());
  std::vector<std::thread> threads;
  std::vector<double> results(8);
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = root(static_cast<double>(i * i)); });
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads[i].join();
    EXPECT_EQ(results[i], static_cast<double>(i));
  }
}

TEST(LateLibrary, SaysWhichLibraryTheSystemLacks) {
  LateLibrary library("libnothing.so.77");
  const auto loaded = library.load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, Errc::io);
  EXPECT_NE(loaded.error().message.find("libnothing.so.77 is needed"), std::string::npos);
}

TEST(LateLibrary, EndsTheProgramWhereAFunctionIsCalledThatIsNotThere) {
  LateLibrary library("libm.so.6");
  ASSERT_TRUE(library.load());
  const LateFunction<int (*)()> none(library, "no_such_function");
  EXPECT_DEATH(none(), "");
}

}  // namespace
}  // namespace base
