#include "sign/dsse.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"

namespace {

TEST(Dsse, SignedBytesAreThoseOfTheProtocol) {
  EXPECT_EQ(sign::dsse_signed_bytes("", ""), "DSSEv1 0  0 ");
  EXPECT_EQ(sign::dsse_signed_bytes("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  const auto text = base::read_file(PROJECT_DIR "/../shared/vectors/dsse/dsse.json", 1 << 20);
  if (!text) {
    GTEST_SKIP() << "no ../shared/vectors/dsse";
  }
  const auto vectors = base::parse_json(*text);
  ASSERT_TRUE(vectors);
  ASSERT_EQ((*vectors)["pae"].as_list().size(), 4U);
  for (const base::Value& vector : (*vectors)["pae"].as_list()) {
    EXPECT_EQ(sign::dsse_signed_bytes(vector["type"].as_text(), vector["body"].as_text()), vector["pae"].as_text());
  }
}

TEST(Dsse, OldSignedBytesShowThePayloadAsPythonDoes) {
  EXPECT_EQ(sign::old_signed_bytes("t", "{\"a\":\n\\\xc3\xa9}"), "DSSEV1 1 t 10 b'{\"a\":\\n\\\\\\xc3\\xa9}'");
  EXPECT_EQ(sign::old_signed_bytes("t", "it's"), "DSSEV1 1 t 4 b\"it's\"");
  EXPECT_EQ(sign::old_signed_bytes("t", "'\"\t\r\x7f"), "DSSEV1 1 t 5 b'\\'\"\\t\\r\\x7f'");
}

}  // namespace
