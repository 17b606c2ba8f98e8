#include "sign/interoperability.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "sign/model_testing.h"

namespace {

namespace fs = std::filesystem;

// ../shared/vectors/model-signing-interop says what the reference's command line and library made of each bundle.
TEST(Interoperability, SaysOfEveryVectorWhatTheReferenceDid) {
  const fs::path folder = PROJECT_DIR "/../shared/vectors/model-signing-interop";
  const auto table = base::read_file(folder / "expected.tsv", 1 << 20);
  if (!table) {
    GTEST_SKIP() << "no ../shared/vectors/model-signing-interop";
  }
  std::size_t rows = 0;
  for (const std::string_view line : base::split(*table, '\n')) {
    const std::vector<std::string_view> cells = base::split(line, '\t');
    // Rows in which the model is altered, or the bundle is read but wrong, say nothing of reading.
    if (cells.size() < 6 || cells[0] == "bundle" || !cells[1].starts_with("tree") || cells[1].starts_with("tree-") ||
        (cells[2] == "p384.pub") != (cells[0].find("p384") != std::string_view::npos) ||
        cells[0] == "bundles/bad-root-digest.sig" || cells[0] == "bundles/extra-predicate-field.sig") {
      continue;
    }
    SCOPED_TRACE(cells[0]);
    ++rows;
    const auto text = base::read_file(folder / cells[0], 1 << 20);
    ASSERT_TRUE(text);
    const auto bundle = sign::Bundle::parse(*text);
    ASSERT_TRUE(bundle);
    const auto manifest = sign::Manifest::parse(bundle->envelope->payload);
    ASSERT_TRUE(manifest);
    const std::vector<sign::Reader> readers = sign::readers_of(*text, *bundle, *manifest);
    ASSERT_EQ(readers.size(), 3U);
    EXPECT_EQ(readers[0].reads, cells[5].starts_with("valid") || cells[5].starts_with("schema-valid"));
    EXPECT_EQ(readers[1].reads, cells[3] == "pass");
    EXPECT_EQ(readers[2].reads, cells[4] == "pass");
    for (const sign::Reader& reader : readers) {
      EXPECT_EQ(reader.reads, reader.reasons.empty());
    }
  }
  EXPECT_EQ(rows, 13U);
}

TEST(Interoperability, OfWhatWeWriteByDefaultAllCanReadIt) {
  const sign_testing::Scratch model;
  model.write("a", "1");
  model.write("b/c", "2");
  const auto done = sign_testing::sign_one(model.path(), sign_testing::signer());
  const auto bundle = sign::Bundle::parse(done.bundle);
  ASSERT_TRUE(bundle);
  for (const sign::Reader& reader : sign::readers_of(done.bundle, *bundle, done.manifest)) {
    EXPECT_TRUE(reader.reads) << reader.verifier;
  }
}

TEST(Interoperability, ASingleFileIsReadByEitherTheSpecificationOrTheReference) {
  const sign_testing::Scratch folder;
  folder.write("m.gguf", "GGUF");
  for (const bool dot : {false, true}) {
    sign::SignOptions options;
    options.dot_for_single_file = dot;
    const auto done = sign_testing::sign_one(folder.path() / "m.gguf", sign_testing::signer(), options);
    const auto bundle = sign::Bundle::parse(done.bundle);
    const auto manifest = sign::Manifest::parse(bundle->envelope->payload);
    ASSERT_TRUE(manifest);
    const auto readers = sign::readers_of(done.bundle, *bundle, *manifest);
    EXPECT_EQ(readers[0].reads, !dot);
    EXPECT_EQ(readers[1].reads, dot);
    EXPECT_EQ(readers[2].reads, dot);
  }
}

}  // namespace
