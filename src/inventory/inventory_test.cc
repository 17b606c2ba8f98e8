#include "inventory/inventory.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "inventory/cache.h"
#include "inventory/test_tree.h"

namespace inventory {
namespace {

Inventory found(const Options& options, const Judge& judge = nullptr, std::string_view version = "1") {
  auto result = discover(options, judge, version);
  EXPECT_TRUE(result) << result.error().text();
  return result ? *std::move(result) : Inventory();
}
Inventory found(const std::filesystem::path& root, unsigned threads = 2) {
  Options options;
  options.root = root;
  options.threads = threads;
  return found(options);
}

const evidence::Asset* asset_at(const Inventory& inventory, std::string_view path) {
  const auto place = std::find_if(inventory.assets.begin(), inventory.assets.end(),
                                  [path](const evidence::Asset& asset) { return asset.path == path; });
  return place == inventory.assets.end() ? nullptr : &*place;
}
bool has_note(const Inventory& inventory, std::string_view part) {
  return std::any_of(inventory.notes.begin(), inventory.notes.end(),
                     [part](const std::string& note) { return note.find(part) != std::string::npos; });
}

// Everything that a caller may see, as text.
std::string shown(const Inventory& inventory) {
  std::string out = inventory.tree.hex() + "\n";
  for (const evidence::Asset& asset : inventory.assets) {
    Outcome outcome;
    outcome.observed.asset = asset;
    out += asset.id + " " + asset.path + (asset.is_part ? " part " : " file ") + std::to_string(asset.mode) + " " +
           pack(outcome) + "\n";
  }
  for (const evidence::FileScan& scan : inventory.scans) {
    out += scan.path + " " + scan.sha256.hex() + " " + std::to_string(scan.findings.size()) + "\n";
  }
  for (const std::string& note : inventory.notes) {
    out += note + "\n";
  }
  return out + std::to_string(inventory.files) + " " + std::to_string(inventory.bytes);
}

// A GGUF header without anything in it, which every observer recognises.
std::string gguf() {
  return std::string("GGUF\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
}

void write_sample(const TemporaryTree& tree) {
  tree.write("models/a.gguf", gguf());
  tree.write("data/train.csv", "text,label\nhello,1\nworld,0\n");
  tree.write("src/app.py", "import openai\nclient = openai.OpenAI()\n");
  tree.write("src/empty.py", "");
  tree.write("README.md", "# A system\n\nIt answers questions.\n");
  for (int i = 0; i < 200; ++i) {
    tree.write("junk/" + std::to_string(i % 9) + "/" + std::to_string(i) + ".xyz", "junk " + std::to_string(i));
  }
  std::filesystem::create_symlink("models", tree.root / "link");
}

TEST(Discover, ReturnsWhatConcernsAnAiSystem) {
  const TemporaryTree tree;
  write_sample(tree);
  const Inventory result = found(tree.root);
  const evidence::Asset* model = asset_at(result, "models/a.gguf");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->kind, evidence::AssetKind::model);
  EXPECT_EQ(model->sha256, base::sha256(gguf()));
  EXPECT_EQ(model->size_bytes, gguf().size());
  EXPECT_EQ(model->id, evidence::asset_id(evidence::AssetKind::model, "models/a.gguf"));
  EXPECT_NE(asset_at(result, "data/train.csv"), nullptr);
  EXPECT_NE(asset_at(result, "src/app.py"), nullptr);
  EXPECT_NE(asset_at(result, "README.md"), nullptr);
  EXPECT_EQ(asset_at(result, "src/empty.py"), nullptr);
  EXPECT_EQ(asset_at(result, "junk/0/0.xyz"), nullptr);
  EXPECT_EQ(result.files, 205U);
  EXPECT_TRUE(has_note(result, "link: symbolic link to models, not followed"));
  EXPECT_FALSE(result.system.declared);
  EXPECT_FALSE(result.repository.present);
}

TEST(Discover, GivesTheSameForAnyNumberOfThreads) {
  const TemporaryTree tree;
  write_sample(tree);
  tree.write("big.gguf", gguf() + std::string(9U << 20, '\0'));
  const std::string one = shown(found(tree.root, 1));
  EXPECT_EQ(shown(found(tree.root, 2)), one);
  EXPECT_EQ(shown(found(tree.root, 7)), one);
}

TEST(Discover, ChangesTheTreeDigestWithAnyFile) {
  const TemporaryTree tree;
  write_sample(tree);
  const base::Sha256 before = found(tree.root).tree;
  tree.write("junk/0/0.xyz", "junk 1");
  const base::Sha256 changed = found(tree.root).tree;
  EXPECT_NE(changed, before);
  std::filesystem::rename(tree.root / "junk/0/0.xyz", tree.root / "junk/0/00.xyz");
  EXPECT_NE(found(tree.root).tree, changed);
}

// Files of the installation are older than the two seconds within which a change may hide.
std::filesystem::path old_files() {
  return std::filesystem::path(PROJECT_DIR) / "schemas";
}

TEST(Discover, ReadsNothingTwiceWithACache) {
  const TemporaryTree place;
  Options options;
  options.root = old_files();
  options.cache_file = place.root / "deep" / "cache.bin";
  std::atomic<int> judged{0};
  const Judge judge = [&judged](const evidence::Asset& asset, base::Bytes content) {
    ++judged;
    evidence::FileScan scan;
    scan.formats = {std::to_string(content.size())};
    return asset.path.ends_with(".json") ? std::optional(scan) : std::nullopt;
  };
  const Inventory first = found(options, judge);
  ASSERT_GT(first.files, 0U);
  EXPECT_EQ(first.cached_files, 0U);
  EXPECT_EQ(judged, static_cast<int>(first.files));
  const Inventory second = found(options, judge);
  if (second.cached_files == 0) {
    GTEST_SKIP() << "the source files were written within the last two seconds: the cache was NOT tested";
  }
  EXPECT_EQ(second.cached_files, second.files);
  EXPECT_EQ(judged, static_cast<int>(first.files));
  EXPECT_EQ(shown(second), shown(first));
  EXPECT_EQ(second.scans.size(), first.scans.size());
  const Inventory other_rules = found(options, judge, "2");
  EXPECT_EQ(other_rules.cached_files, 0U);
  EXPECT_TRUE(has_note(other_rules, "cache not used: written with other rules or limits; every file was read"));
}

TEST(Discover, ReadsEverythingWhenTheCacheIsDamagedOrCannotBeWritten) {
  const TemporaryTree place;
  Options options;
  options.root = old_files();
  options.cache_file = place.root / "cache.bin";
  const Inventory first = found(options);
  auto content = base::read_file(options.cache_file, 1U << 24);
  ASSERT_TRUE(content);
  for (const std::string& damaged :
       {content->substr(0, content->size() / 2), std::string(), "SURETYIC" + std::string(1000, '\xFF')}) {
    ASSERT_TRUE(base::write_file(options.cache_file, damaged));
    const Inventory again = found(options);
    EXPECT_EQ(again.cached_files, 0U);
    EXPECT_EQ(again.tree, first.tree);
    EXPECT_TRUE(has_note(again, "cache not used: "));
  }
  options.cache_file = "/proc/surety/cache.bin";
  EXPECT_TRUE(has_note(found(options), "cache not written: "));
}

TEST(Discover, DoesNotRememberWhatWasJustWritten) {
  const TemporaryTree tree;
  const TemporaryTree place;
  tree.write("a.gguf", gguf());
  Options options;
  options.root = tree.root;
  options.cache_file = place.root / "cache.bin";
  const Inventory first = found(options);
  const Inventory second = found(options);
  EXPECT_EQ(second.cached_files, 0U);
  EXPECT_EQ(second.tree, first.tree);
}

TEST(Discover, SaysWhenAFileChangesWhileItIsRead) {
  const TemporaryTree tree;
  tree.write("a.gguf", gguf() + std::string(9U << 20, 'x'));
  tree.write("b.gguf", gguf() + std::string(9U << 20, 'x'));
  Options options;
  options.root = tree.root;
  const Inventory result = found(options, [&tree](const evidence::Asset& asset, base::Bytes content) {
    if (asset.path == "a.gguf") {
      std::filesystem::resize_file(tree.root / "a.gguf", 4096);
      unsigned sum = 0;
      for (const std::byte byte : content) {  // reads past the new end, which must not end the program
        sum += std::to_integer<unsigned>(byte);
      }
      EXPECT_GT(sum, 0U);
    }
    return std::optional(evidence::FileScan());
  });
  const evidence::Asset* changed = asset_at(result, "a.gguf");
  ASSERT_NE(changed, nullptr);
  EXPECT_EQ(changed->confidence, evidence::Confidence::low);
  EXPECT_TRUE(has_note(result, "a.gguf: changed while it was read"));
  ASSERT_EQ(result.scans.size(), 2U);
  EXPECT_EQ(result.scans[0].coverage, evidence::Coverage::partial);
  EXPECT_EQ(result.scans[0].verdict, evidence::FileVerdict::incomplete);
  EXPECT_EQ(result.scans[1].coverage, evidence::Coverage::complete);
}

TEST(Discover, IdentifiesButDoesNotHashASparseTerabyte) {
  const TemporaryTree tree;
  tree.write("huge.gguf", gguf());
  if (::truncate(tree.path("huge.gguf").c_str(), off_t{1} << 40) != 0) {
    GTEST_SKIP() << "this file system holds no file of 1 TiB: sparse files were NOT tested";
  }
  Options options;
  options.root = tree.root;
  std::size_t judged = 0;
  const Inventory result = found(options, [&judged](const evidence::Asset& /*asset*/, base::Bytes content) {
    judged = content.size();
    return std::optional(evidence::FileScan());
  });
  const evidence::Asset* model = asset_at(result, "huge.gguf");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->format, "gguf");
  EXPECT_FALSE(model->sha256.is_set());
  EXPECT_EQ(model->size_bytes, 1ULL << 40);
  EXPECT_EQ(judged, 1ULL << 30);
  EXPECT_TRUE(has_note(result, "huge.gguf: not hashed: sparse, 1"));
  ASSERT_EQ(result.scans.size(), 1U);
  EXPECT_EQ(result.scans[0].verdict, evidence::FileVerdict::incomplete);
}

TEST(Discover, FoldsImageFoldersIntoOneDataset) {
  const TemporaryTree tree;
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0", 29);
  for (int i = 0; i < 25; ++i) {
    tree.write("data/cats/" + std::to_string(i) + ".png", png + std::to_string(i));
    tree.write("docs/pictures/" + std::to_string(i) + ".png", png);
    tree.write("mixed/" + std::to_string(i) + ".png", png);
  }
  tree.write("mixed/a.gguf", gguf());
  const Inventory result = found(tree.root);
  const evidence::Asset* cats = asset_at(result, "data/cats");
  ASSERT_NE(cats, nullptr);
  EXPECT_EQ(cats->kind, evidence::AssetKind::dataset);
  EXPECT_EQ(cats->format, "image-folder");
  EXPECT_EQ(cats->attributes["count"].as_integer(), 25);
  EXPECT_TRUE(cats->sha256.is_set());
  EXPECT_EQ(result.assets.size(), 2U);
}

TEST(Discover, LinksTheFilesOfAModelFolder) {
  const TemporaryTree tree;
  tree.write("hub/config.json", R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama"})");
  tree.write("hub/model.gguf", gguf());
  tree.write("alone.gguf", gguf());
  const Inventory result = found(tree.root);
  ASSERT_NE(asset_at(result, "hub/model.gguf"), nullptr);
  EXPECT_EQ(asset_at(result, "hub/model.gguf")->attributes["folder"].as_text(), "hub");
  ASSERT_NE(asset_at(result, "hub/config.json"), nullptr);
  EXPECT_EQ(asset_at(result, "hub/config.json")->attributes["folder"].as_text(), "hub");
  EXPECT_EQ(asset_at(result, "alone.gguf")->attributes.find("folder"), nullptr);
}

TEST(Discover, KeepsFiveHundredDocuments) {
  const TemporaryTree tree;
  for (int i = 0; i < 510; ++i) {
    tree.write("notes/" + std::to_string(i) + ".md", "# Heading\n\nSome words.\n");
  }
  tree.write("notes/deep/README.md", "# Heading\n\nSome words.\n");
  const Inventory result = found(tree.root);
  EXPECT_EQ(std::count_if(result.assets.begin(), result.assets.end(),
                          [](const evidence::Asset& asset) { return asset.kind == evidence::AssetKind::document; }),
            500);
  EXPECT_NE(asset_at(result, "notes/deep/README.md"), nullptr);
  EXPECT_TRUE(has_note(result, "11 of 511 documents left out"));
}

TEST(Discover, NotesWhatItMayNotReadAndKeepsModelsByName) {
  const TemporaryTree tree;
  tree.write("closed.gguf", gguf());
  tree.write("closed.txt", "x");
  std::filesystem::permissions(tree.root, std::filesystem::perms(0755));
  std::filesystem::permissions(tree.root / "closed.gguf", std::filesystem::perms::none);
  std::filesystem::permissions(tree.root / "closed.txt", std::filesystem::perms::none);
  const bool was_root = ::geteuid() == 0;
  if (was_root && ::seteuid(65534) != 0) {
    GTEST_SKIP() << "run as root, who may read everything: unreadable files were NOT tested";
  }
  const Inventory result = found(tree.root);
  if (was_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_TRUE(has_note(result, "closed.txt: not read: Permission denied"));
  const evidence::Asset* model = asset_at(result, "closed.gguf");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->confidence, evidence::Confidence::low);
  EXPECT_FALSE(model->sha256.is_set());
  EXPECT_EQ(model->notes, std::vector<std::string>{"not read: Permission denied"});
}

TEST(Discover, FindsTrackedFilesThatAnIgnoreFileNames) {
  if (std::system("git --version > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "git is not installed: tracked but ignored files were NOT tested";
  }
  const TemporaryTree tree;
  tree.write("src/app.py", "import openai\nclient = openai.OpenAI()\n");
  tree.write("src/other.py", "import openai\nclient = openai.OpenAI()\n");
  tree.write("out/model.gguf", gguf());
  const std::string in_tree = "cd '" + tree.root.native() + "' && ";
  ASSERT_EQ(std::system((in_tree + "git init -q && git add src/app.py").c_str()), 0);
  tree.write(".gitignore", "src/\nout/\n");
  const Inventory result = found(tree.root);
  EXPECT_NE(asset_at(result, "src/app.py"), nullptr);
  EXPECT_EQ(asset_at(result, "src/other.py"), nullptr);
  EXPECT_NE(asset_at(result, "out/model.gguf"), nullptr);
  EXPECT_EQ(result.ignored_files, 1U);
  ASSERT_TRUE(result.repository.present);
  ASSERT_EQ(result.repository.files.size(), 2U);
  EXPECT_EQ(result.repository.files[0].state, "ignored");
  EXPECT_EQ(result.repository.files[1].state, "modified");
}

TEST(Discover, FailsForTheRootAndForAWrongSystemFileOnly) {
  const TemporaryTree tree;
  Options options;
  options.root = tree.root / "missing";
  EXPECT_EQ(discover(options, nullptr, "1").error().code, base::Errc::not_found);
  tree.write("file", "x");
  options.root = tree.root / "file";
  EXPECT_FALSE(discover(options, nullptr, "1"));
  options.root = tree.root;
  EXPECT_TRUE(discover(options, nullptr, "1"));
  tree.write("ai-system.yaml", "version: 1\nsystm: {}\n");
  const auto wrong = discover(options, nullptr, "1");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().file, "ai-system.yaml");
}

TEST(Discover, ReadsTheDeclaredSystem) {
  const TemporaryTree tree;
  tree.write("ai-system.yaml", "version: 1\nsystem: {name: x, roles: [developer]}\n");
  const Inventory result = found(tree.root);
  EXPECT_TRUE(result.system.declared);
  const evidence::Asset* file = asset_at(result, "ai-system.yaml");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->kind, evidence::AssetKind::system_file);
  EXPECT_EQ(file->sha256, result.system.sha256);
}

TEST(Discover, KeepsEveryFileThatTheSystemFileNames) {
  const TemporaryTree tree;
  tree.write(
      "ai-system.yaml",
      "version: 1\nsystem: {name: x, roles: [developer]}\n"
      "tools: [{id: t, purpose: p, effect: send, scope: s, approval: policy, enforced_by: ./policy/send.rego}]\n");
  tree.write("policy/send.rego", "package send\n");
  tree.write("policy/other.rego", "package other\n");
  const Inventory result = found(tree.root);
  const evidence::Asset* file = asset_at(result, "policy/send.rego");
  ASSERT_NE(file, nullptr);
  EXPECT_TRUE(file->sha256.is_set());
  EXPECT_EQ(asset_at(result, "policy/other.rego"), nullptr);
}

// A reader that does with some files what one that was taken over, or has a fault, would do.
std::string faulty_reader(std::string_view head, base::Bytes content) {
  const Judge judge = [](const evidence::Asset& asset, base::Bytes /*bytes*/) {
    evidence::FileScan scan;
    scan.formats = {asset.format};
    return std::optional(scan);
  };
  const std::string answer = read_content(head, content, judge);
  const auto holds = [content](std::string_view words) { return base::as_text(content).find(words) != words.npos; };
  if (holds("die")) {
    ::raise(SIGKILL);
  }
  if (holds("no answer")) {
    return {};
  }
  if (holds("half an answer")) {
    return answer.substr(0, answer.size() / 2);
  }
  if (holds("more than an answer")) {
    return answer + "more";
  }
  if (holds("another file")) {
    Outcome forged;
    forged.observed.parts.emplace_back();
    forged.observed.parts.back().path = "innocent.gguf#prompt";
    return std::string(1, 1) + pack(forged);
  }
  return answer;
}

Readers readers_of(sandbox::Pool& pool) {
  return {pool, [](const sandbox::Reply& reply, std::string_view path) {
            evidence::FileScan scan;
            scan.path = path;
            scan.coverage = evidence::Coverage::partial;
            scan.verdict = evidence::FileVerdict::incomplete;
            scan.not_covered = {reply.reason};
            return scan;
          }};
}

TEST(Discover, LosesOnlyTheFileWhoseReaderDiesOrLies) {
  const TemporaryTree tree;
  const std::vector<std::string> bad = {"die", "no answer", "half an answer", "more than an answer", "another file"};
  for (const std::string& what : bad) {
    tree.write(what + ".gguf", gguf() + what);
    tree.write("notes/" + what + ".txt", "of no interest: " + what);
  }
  tree.write("innocent.gguf", gguf());
  tree.write("large.gguf", gguf() + std::string(3U << 20, 'x') + "die");
  Options options;
  options.root = tree.root;
  options.threads = 2;
  options.cache_file = tree.root / "cache";
  auto pool = sandbox::Pool::start(2, faulty_reader, {});
  ASSERT_TRUE(pool) << pool.error().text();
  const auto result = discover(options, readers_of(**pool), "1");
  ASSERT_TRUE(result) << result.error().text();
  for (std::string name : bad) {
    for (const std::string& path : {name + ".gguf", "notes/" + name + ".txt"}) {
      SCOPED_TRACE(path);
      const evidence::Asset* asset = asset_at(*result, path);
      ASSERT_NE(asset, nullptr);
      EXPECT_EQ(asset->confidence, evidence::Confidence::low);
      ASSERT_EQ(asset->notes.size(), 1U);
      EXPECT_TRUE(asset->notes[0].starts_with("not read: ")) << asset->notes[0];
      EXPECT_TRUE(asset->sha256.is_set());
      const auto scan = std::find_if(result->scans.begin(), result->scans.end(),
                                     [&](const evidence::FileScan& one) { return one.path == path; });
      ASSERT_NE(scan, result->scans.end());
      EXPECT_EQ(scan->verdict, evidence::FileVerdict::incomplete);
      EXPECT_EQ(scan->sha256, asset->sha256);
    }
  }
  EXPECT_EQ(asset_at(*result, "die.gguf")->notes[0], "not read: killed by signal 9 (Killed)");
  EXPECT_EQ(asset_at(*result, "large.gguf")->notes[0], "not read: killed by signal 9 (Killed)");
  const evidence::Asset* innocent = asset_at(*result, "innocent.gguf");
  ASSERT_NE(innocent, nullptr);
  EXPECT_EQ(innocent->kind, evidence::AssetKind::model);
  EXPECT_EQ(innocent->confidence, evidence::Confidence::high);
  EXPECT_EQ(asset_at(*result, "innocent.gguf#prompt"), nullptr);
}

TEST(Discover, IsTheSameInChildrenAndWithout) {
  const TemporaryTree tree;
  for (int i = 0; i < 200; ++i) {
    tree.write("d" + std::to_string(i % 7) + "/model" + std::to_string(i) + ".gguf", gguf() + std::to_string(i));
    tree.write("d" + std::to_string(i % 7) + "/code" + std::to_string(i) + ".py",
               "SYSTEM_PROMPT = 'You are helper number " + std::to_string(i) + " of this company, and answer.'\n");
  }
  tree.write("large.gguf", gguf() + std::string(5U << 20, 'x'));
  Options options;
  options.root = tree.root;
  options.threads = 2;
  auto pool = sandbox::Pool::start(
      2, [](std::string_view head, base::Bytes content) { return read_content(head, content, nullptr); }, {});
  ASSERT_TRUE(pool) << pool.error().text();
  const auto result = discover(options, readers_of(**pool), "1");
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(shown(*result), shown(found(options)));
}

}  // namespace
}  // namespace inventory
