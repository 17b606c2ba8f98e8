#include "base/uuid.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// Of RFC 9562, appendix A.4, and of Python's uuid.uuid5.
TEST(Uuid, IsThatOfTheRfc) {
  EXPECT_EQ(uuid_v5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(uuid_v5(kUrlNameSpace, "http://www.example.com/"), "fcde3c85-2270-590f-9e7c-ee003d65e0e2");
  EXPECT_EQ(uuid_v5(kUrlNameSpace, ""), "1b4db7eb-4057-5ddf-91e0-36dec72071f5");
}

TEST(Uuid, DiffersByNameAndSpace) {
  EXPECT_NE(uuid_v5(kUrlNameSpace, "a"), uuid_v5(kUrlNameSpace, "b"));
  EXPECT_NE(uuid_v5(kUrlNameSpace, "a"), uuid_v5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "a"));
}

}  // namespace
}  // namespace base
