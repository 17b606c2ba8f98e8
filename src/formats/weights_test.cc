#include <gtest/gtest.h>

#include "formats/gguf/gguf.h"
#include "formats/gguf/legacy.h"
#include "formats/numpy/numpy.h"
#include "formats/safetensors/safetensors.h"

namespace formats {
namespace {

std::string le(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) {
    out.push_back(i < 8 ? static_cast<char>(value >> (8 * i)) : '\0');
  }
  return out;
}

// ---- safetensors
std::string tensors_file(const std::string& header, const std::string& data) {
  return le(header.size(), 8) + header + data;
}
std::string tensor(const std::string& name, int elements, int begin, int end) {
  return "\"" + name + R"(":{"dtype":"F32","shape":[)" + std::to_string(elements) + R"(],"data_offsets":[)" +
         std::to_string(begin) + "," + std::to_string(end) + "]}";
}
std::vector<std::string> defects(const std::string& file) {
  std::vector<std::string> out;
  const auto header = safetensors::parse(base::as_bytes(file));
  if (!header) {
    return {"error: " + header.error().message};
  }
  for (const auto& defect : header->defects) {
    out.push_back(defect.text);
  }
  return out;
}
using Texts = std::vector<std::string>;

TEST(Safetensors, ReadsAGoodFile) {
  const auto header = safetensors::parse(base::as_bytes(tensors_file(
      "{\"__metadata__\":{\"format\":\"pt\"}," + tensor("a", 2, 0, 8) + "," + tensor("b", 1, 8, 12) + "}   ",
      std::string(12, '\0'))));
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->defects.empty());
  EXPECT_EQ(header->parameters, 3U);
  EXPECT_EQ(header->metadata.size(), 1U);
}

TEST(Safetensors, SeesOverlapsGapsAndLies) {
  const std::string four(4, '\0');
  EXPECT_EQ(defects(tensors_file("{" + tensor("a", 1, 0, 4) + "," + tensor("b", 1, 0, 4) + "}", four)),
            (Texts{"tensor \"b\": overlaps another"}));
  EXPECT_EQ(defects(tensors_file("{" + tensor("a", 1, 4, 8) + "}", four + four)),
            (Texts{"4 bytes before tensor \"a\" belong to no tensor"}));
  EXPECT_EQ(defects(tensors_file("{" + tensor("a", 1, 0, 4) + "}", four + four)),
            (Texts{"4 bytes at the end belong to no tensor"}));
  EXPECT_EQ(defects(tensors_file("{" + tensor("a", 3, 0, 4) + "}", four)),
            (Texts{"tensor \"a\": shape and type take 12 bytes, the offsets give 4"}));
  EXPECT_EQ(defects(tensors_file("{" + tensor("a", 1, 0, 4) + "," + tensor("a", 1, 0, 4) + "}", four)).front(),
            "key \"a\": occurs twice");
  EXPECT_EQ(defects(tensors_file("{" + tensor("a", 1, 0, 4) + "}\n", four)).front(),
            "header: padded with other bytes than spaces");
  EXPECT_EQ(
      defects(tensors_file(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296,16],"data_offsets":[0,0]}})", "")),
      (Texts{"tensor \"a\": the shape's product is above 2^64"}));
}

TEST(Safetensors, RefusesEveryTruncationOfTheHeader) {
  const std::string file = tensors_file("{" + tensor("a", 1, 0, 4) + "}", std::string(4, '\0'));
  for (std::size_t kept = 0; kept < file.size() - 4; ++kept) {
    SCOPED_TRACE(kept);
    const auto header = safetensors::parse(base::as_bytes(file.substr(0, kept)));
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, base::Errc::truncated);
  }
  EXPECT_FALSE(defects(file.substr(0, file.size() - 1)).empty());
  const auto huge = safetensors::parse(base::as_bytes(le(1ULL << 62, 8) + "{}"));
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, base::Errc::too_large);
}

// ---- GGUF
std::string text(const std::string& value) {
  return le(value.size(), 8) + value;
}
std::string gguf_file(std::uint64_t offset = 0, std::uint64_t alignment = 32) {
  std::string out = "GGUF" + le(3, 4) + le(1, 8) + le(3, 8);
  out += text("general.alignment") + le(4, 4) + le(alignment, 4);
  out += text("tokenizer.chat_template") + le(8, 4) + text("{{ x }}");
  out += text("tokens") + le(9, 4) + le(8, 4) + le(2, 8) + text("a") + text("b");
  out += text("w") + le(2, 4) + le(4, 8) + le(2, 8) + le(0, 4) + le(offset, 8);
  out.resize((out.size() + 31) / 32 * 32, '\0');
  return out + std::string(32, '\1');
}

TEST(Gguf, ReadsAGoodFile) {
  const std::string bytes = gguf_file();
  const auto file = gguf::parse(base::as_bytes(bytes));
  ASSERT_TRUE(file) << file.error().text();
  EXPECT_TRUE(file->defects.empty());
  EXPECT_EQ(file->parameters, 8U);
  ASSERT_EQ(file->templates.size(), 1U);
  EXPECT_EQ(file->templates[0].text, "{{ x }}");
  EXPECT_EQ(file->find("tokens")->as_integer(), 2);
}

TEST(Gguf, SeesWhatLeadsBeyondTheFile) {
  EXPECT_EQ(gguf::parse(base::as_bytes(gguf_file(32)))->defects[0].text,
            "tensor \"w\": leads beyond the end of the file");
  EXPECT_EQ(gguf::parse(base::as_bytes(gguf_file(3)))->defects[0].text, "tensor \"w\": offset 3 is not aligned");
  EXPECT_FALSE(gguf::parse(base::as_bytes(gguf_file(0, 0)))->defects.empty());
}

TEST(Gguf, RefusesEveryTruncationAndHugeCounts) {
  const std::string bytes = gguf_file();
  for (std::size_t kept = 0; kept < bytes.size(); ++kept) {
    SCOPED_TRACE(kept);
    const auto file = gguf::parse(base::as_bytes(bytes.substr(0, kept)));
    if (file) {
      EXPECT_FALSE(file->defects.empty());
    } else {
      EXPECT_EQ(file.error().code, base::Errc::truncated);
    }
  }
  const auto counts = gguf::parse(base::as_bytes("GGUF" + le(3, 4) + le(1ULL << 62, 8) + le(0, 8)));
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, base::Errc::too_large);
  EXPECT_EQ(gguf::parse(base::as_bytes("GGUF" + le(9, 4) + le(0, 16))).error().code, base::Errc::unsupported);
}

TEST(Gguf, SeesListsGapsAndTypesThatDoNotFit) {
  const auto first_defect = [](const std::string& pair, const std::string& tail) {
    std::string out = "GGUF" + le(3, 4) + le(1, 8) + le(1, 8) + pair;
    out += text("w") + le(1, 4) + le(8, 8) + le(0, 4) + le(0, 8);
    out.resize((out.size() + 31) / 32 * 32, '\0');
    const std::string bytes = out + std::string(32, '\1') + tail;
    const auto file = gguf::parse(base::as_bytes(bytes));
    return !file ? file.error().message : file->defects.empty() ? std::string() : file->defects[0].text;
  };
  const std::string plain = text("a") + le(4, 4) + le(1, 4);
  EXPECT_EQ(first_defect(plain, ""), "");
  EXPECT_NE(first_defect(plain, std::string(100, 'x')).find("100 bytes at the end belong to no tensor"),
            std::string::npos);
  EXPECT_EQ(first_defect(text("general.alignment") + le(10, 4) + le(32, 8), ""),
            "general.alignment: not a 32-bit number");
  EXPECT_EQ(first_defect(text("tokenizer.ggml.scores") + le(9, 4) + le(0, 4) + le(1, 8) + "x", ""),
            "key \"tokenizer.ggml.scores\": an array of another type than readers take it for");
  EXPECT_NE(first_defect(text("a") + le(9, 4) + le(8, 4) + le(1ULL << 61, 8), "").find("array length"),
            std::string::npos);
}

TEST(Ggml, ReadsTheFormatsBeforeGguf) {
  const auto old = [](const std::string& magic, bool scores, int hyperparameters) {
    std::string out = magic + (magic == "lmgg" ? "" : le(3, 4)) + le(2, 4);
    for (int i = 1; i < hyperparameters; ++i) {
      out += le(1, 4);
    }
    for (const std::string piece : {"a", "bc"}) {
      out += le(piece.size(), 4) + piece + (scores ? le(0, 4) : "");
    }
    out += le(1, 4) + le(1, 4) + le(0, 4) + le(3, 4) + "w";
    out.resize(magic == "tjgg" ? (out.size() + 31) / 32 * 32 : out.size(), '\0');
    return out + std::string(12, '\1');
  };
  const std::string llama = old("tjgg", true, 7);
  const auto file = ggml::parse(base::as_bytes(llama));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->layout, "llama");
  EXPECT_EQ(file->vocabulary, 2U);
  ASSERT_EQ(file->tensors.size(), 1U);
  EXPECT_EQ(file->tensors[0].bytes, 12U);
  for (std::size_t kept = 0; kept < llama.size(); ++kept) {
    EXPECT_FALSE(ggml::parse(base::as_bytes(llama.substr(0, kept)))) << kept;
  }
  EXPECT_TRUE(ggml::parse(base::as_bytes(old("lmgg", false, 7))));
}

// ---- NumPy
std::string array_file(const std::string& literal) {
  return "\x93NUMPY" + le(1, 1) + le(0, 1) + le(literal.size(), 2) + literal;
}

TEST(Numpy, ReadsTypeAndShape) {
  const std::string bytes = array_file("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n");
  const auto header = numpy::parse(base::as_bytes(bytes));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->item_bytes, 4U);
  EXPECT_EQ(header->shape, (std::vector<std::uint64_t>{3, 4}));
  EXPECT_FALSE(header->has_objects);
}

TEST(Numpy, SeesObjectsInEveryDescription) {
  for (const std::string type :
       {"'|O'", "'O'", "\"O8\"", "[('a', '<f4'), ('b', '|O')]", "[('a', [('b', 'O')], (2,))]"}) {
    const std::string bytes = array_file("{'descr': " + type + ", 'fortran_order': False, 'shape': (1,), }");
    const auto header = numpy::parse(base::as_bytes(bytes));
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->has_objects) << type;
  }
}

TEST(Numpy, KnowsTypesOfEveryForm) {
  const std::pair<std::string, std::uint64_t> cases[] = {{"'<f4'", 4},
                                                         {"'|S10'", 10},
                                                         {"'<U3'", 12},
                                                         {"'<M8[25us]'", 8},
                                                         {"'?'", 1},
                                                         {"'float64'", 8},
                                                         {"'i4,(2,3)f8'", 52},
                                                         {"[('a', '<f4'), ('b', 'u1', (3,))]", 7},
                                                         {"[(('title', 'a'), '<i8'), ('', '|V4')]", 12},
                                                         {"[('a', [('b', '<f2')], (2,))]", 4},
                                                         {"[('it\\'s {', '<f4')]", 4}};
  for (const auto& [type, bytes] : cases) {
    const std::string file = array_file("{'descr': " + type + ", 'fortran_order': False, 'shape': (2L,), }");
    const auto header = numpy::parse(base::as_bytes(file));
    ASSERT_TRUE(header) << type << header.error().message;
    EXPECT_TRUE(header->defects.empty()) << type << ": " << header->defects[0];
    EXPECT_EQ(header->item_bytes, bytes) << type;
    EXPECT_EQ(header->data_bytes, 2 * bytes) << type;
  }
}

TEST(Numpy, SaysWhereAHeaderIsNoLiteralOrPromisesTooMuch) {
  const auto problem = [](const std::string& literal) {
    const std::string file = array_file(literal);
    const auto header = numpy::parse(base::as_bytes(file));
    return !header ? header.error().message : header->defects.empty() ? std::string() : header->defects[0];
  };
  const std::string rest = ", 'fortran_order': False, 'shape': ";
  EXPECT_EQ(problem("{'descr': eval('1')" + rest + "(1,)}"), "header: code where a value is expected: eval");
  EXPECT_EQ(problem("{'descr': '<f4'" + rest + "(-1,)}"), "shape: an extent is no whole number from 0 to 2^63");
  EXPECT_EQ(problem("{'descr': '<f4'" + rest + "(4611686018427387904, 4)}"), "shape: more bytes than 2^64");
  EXPECT_EQ(problem("{'descr': '<z4'" + rest + "(1,)}"), "descr: '<z4' is no type of NumPy");
  EXPECT_EQ(problem("{'descr': '<f4', 'descr': '|O'" + rest + "(1,)}"), "header: key \"descr\" stands twice");
  EXPECT_EQ(problem("{'descr': " + std::string(900, '[')), "header: nested or sized beyond every limit");
}

TEST(Numpy, RefusesEveryTruncation) {
  const std::string bytes = array_file("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n");
  for (std::size_t kept = 0; kept < bytes.size(); ++kept) {
    const auto header = numpy::parse(base::as_bytes(bytes.substr(0, kept)));
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error().code, base::Errc::truncated);
  }
}

}  // namespace
}  // namespace formats
