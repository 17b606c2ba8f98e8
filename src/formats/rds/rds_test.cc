#include "formats/rds/rds.h"

#include <gtest/gtest.h>

#include "formats/compressed/compressed.h"
#include "formats/corpus_testing.h"

namespace formats::rds {
namespace {

std::string unpacked(const std::string& name) {
  const std::string file = sample(name);
  return compressed::unpack(compressed::Codec::gzip, base::as_bytes(file), 1U << 26).data;
}

TEST(Rds, ReadsEveryFileThatRWroteToItsEnd) {
  for (const char* ending : {".rds", ".RData", ".rda"}) {
    for (const auto& [name, content] : samples("r/benign", ending)) {
      SCOPED_TRACE(name);
      std::string plain = content;
      for (const auto codec : {compressed::Codec::gzip, compressed::Codec::bzip2, compressed::Codec::xz}) {
        const auto inside = compressed::unpack(codec, base::as_bytes(content), 1U << 26);
        if (!inside.problem) {
          plain = inside.data;
          break;
        }
      }
      EXPECT_TRUE(looks_like_object(base::as_bytes(plain)));
      const auto object = parse(base::as_bytes(plain));
      ASSERT_TRUE(object) << object.error().text();
      EXPECT_EQ(object->length, plain.size());
    }
  }
}

TEST(Rds, ReadsTheSameObjectFromAllForms) {
  const std::string content1 = unpacked("r/benign/lm.rds");
  const auto first = parse(base::as_bytes(content1));
  const std::string content2 = sample("r/benign/little_endian.rds");
  const auto native = parse(base::as_bytes(content2));
  const std::string content3 = unpacked("r/benign/lm_ascii.rds");
  const auto ascii = parse(base::as_bytes(content3));
  const std::string content4 = sample("r/benign/lm_ascii.rds");
  const auto ascii_plain = parse(base::as_bytes(content4));
  ASSERT_TRUE(first && native && (ascii || ascii_plain));
  const auto& text = ascii ? *ascii : *ascii_plain;
  ASSERT_EQ(first->nodes.size(), native->nodes.size());
  ASSERT_EQ(first->nodes.size(), text.nodes.size());
  for (std::size_t i = 0; i < first->nodes.size(); ++i) {
    ASSERT_EQ(first->nodes[i].type, text.nodes[i].type) << i;
    ASSERT_EQ(first->nodes[i].text, text.nodes[i].text) << i;
    ASSERT_EQ(first->nodes[i].text, native->nodes[i].text) << i;
  }
}

TEST(Rds, RefusesEveryTruncation) {
  const std::string file = unpacked("r/benign/lm.rds");
  ASSERT_GT(file.size(), 1000U);
  for (std::size_t kept = 14; kept < file.size(); ++kept) {
    const auto object = parse(base::as_bytes(std::string_view(file).substr(0, kept)));
    ASSERT_FALSE(object) << kept;
    ASSERT_EQ(object.error().code, base::Errc::truncated) << kept;
  }
}

TEST(Rds, RefusesLengthsAndReferencesOutsideTheFile) {
  for (const char* name :
       {"length_huge", "length_negative", "length_2_48", "reference_outside", "type_unknown", "deep"}) {
    const std::string content = sample("r/malicious/" + std::string(name) + ".rds");
    const auto object = parse(base::as_bytes(content));
    EXPECT_FALSE(object) << name;
  }
}

TEST(Rds, LimitsObjectsAndNesting) {
  const std::string file = unpacked("r/benign/lm.rds");
  Limits few;
  few.max_nodes = 100;
  EXPECT_EQ(parse(base::as_bytes(file), few).error().code, base::Errc::too_large);
  Limits shallow;
  shallow.max_open = 3;
  EXPECT_EQ(parse(base::as_bytes(file), shallow).error().code, base::Errc::too_large);
}

}  // namespace
}  // namespace formats::rds
