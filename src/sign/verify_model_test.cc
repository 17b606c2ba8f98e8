#include "sign/verify_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/json.h"
#include "base/text.h"
#include "sign/model_testing.h"

namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::HashAlgorithm;
using sign_testing::problems_of;
using sign_testing::Scratch;
using sign_testing::sign_one;
using sign_testing::signer;
using sign_testing::verify_text;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void write_model(const Scratch& model) {
  model.write("config.json", "{}");
  model.write("model.safetensors", std::string(300'000, 'w'));
  model.write("pytorch_model.bin", std::string(10, 'w'));
  model.write("tokenizer/vocab.txt", "a\nb\n");
  model.write("README.md", "# A model");
  model.write("empty", "");
}

TEST(VerifyModel, WhatWasSignedVerifiesForEveryKeyDigestAndMethod) {
  const Scratch model;
  write_model(model);
  for (const auto kind : {base::KeyKind::ecdsa_p256, base::KeyKind::ecdsa_p384, base::KeyKind::ecdsa_p521}) {
    const sign::Signer by = signer(kind);
    sign::SignOptions options;
    options.algorithms = {HashAlgorithm::sha256, HashAlgorithm::blake2b};
    if (base::has_algorithm(HashAlgorithm::blake3)) {
      options.algorithms.push_back(HashAlgorithm::blake3);
    }
    for (const std::uint64_t shard_bytes : {0, 100'000}) {
      options.shard_bytes = shard_bytes;
      const auto models = sign::sign_model(model.path(), by, options);
      ASSERT_TRUE(models) << models.error().text();
      ASSERT_EQ(models->size(), options.algorithms.size());
      for (const sign::SignedModel& done : *models) {
        const auto verification = verify_text(model.path(), done.bundle, by.key.public_key());
        EXPECT_TRUE(verification.verified);
        EXPECT_THAT(verification.problems, IsEmpty());
        EXPECT_EQ(verification.verified_files.size(), shard_bytes == 0 ? 6U : 5U);
        EXPECT_EQ(verification.signer.key, sign::key_hint(by.key.public_key()));
        EXPECT_EQ(verification.manifest->algorithm, done.manifest.algorithm);
      }
    }
  }
}

TEST(VerifyModel, NamesEachFileThatIsNotAsSigned) {
  const Scratch model;
  write_model(model);
  const sign::Signer by = signer();
  for (const std::uint64_t shard_bytes : {0, 100'000}) {
    SCOPED_TRACE(shard_bytes);
    write_model(model);
    fs::remove(model.path() / "added.txt");
    fs::remove(model.path() / "link");
    sign::SignOptions options;
    options.shard_bytes = shard_bytes;
    const std::string bundle = sign_one(model.path(), by, options).bundle;
    model.write("config.json", "[]");                             // same size
    model.write("model.safetensors", std::string(300'001, 'w'));  // one byte more
    model.write("added.txt", "x");
    fs::remove(model.path() / "README.md");
    fs::create_symlink("config.json", model.path() / "link");
    const auto verification = verify_text(model.path(), bundle, by.key.public_key());
    EXPECT_FALSE(verification.verified);
    EXPECT_TRUE(verification.signature_verified);
    EXPECT_THAT(problems_of(verification),
                ElementsAre("file-missing README.md", "file-added added.txt", "file-changed config.json",
                            "symbolic-link link", "file-changed model.safetensors"));
    for (const sign::Problem& problem : verification.problems) {
      EXPECT_FALSE(problem.reference_accepts);
    }
  }
}

TEST(VerifyModel, EveryBitOfABundleCounts) {
  const Scratch model;
  model.write("a", "1");
  const sign::Signer by = signer();
  const std::string good = sign_one(model.path(), by).bundle;
  const auto good_bundle = sign::Bundle::parse(good);
  ASSERT_TRUE(good_bundle);
  const sign::KeyTrust trust{by.key.public_key()};
  std::size_t payload_changes = 0;
  for (std::size_t at = 0; at < good_bundle->envelope->payload.size(); at += 3) {
    sign::Bundle bundle = *good_bundle;
    bundle.envelope->payload[at] = static_cast<char>(bundle.envelope->payload[at] ^ 1);
    const auto verification = sign::verify_model(model.path(), bundle, trust, {});
    ASSERT_TRUE(verification);
    EXPECT_THAT(problems_of(*verification), ElementsAre("signature"));
    EXPECT_FALSE(verification->verified);
    EXPECT_FALSE(verification->manifest.has_value());
    ++payload_changes;
  }
  EXPECT_GT(payload_changes, 100U);
  for (std::size_t at = 0; at < good_bundle->envelope->signature.size(); ++at) {
    sign::Bundle bundle = *good_bundle;
    bundle.envelope->signature[at] = static_cast<char>(bundle.envelope->signature[at] ^ 0x10);
    const auto verification = sign::verify_model(model.path(), bundle, trust, {});
    ASSERT_TRUE(verification);
    EXPECT_FALSE(verification->verified) << at;
  }
}

TEST(VerifyModel, AnotherKeyIsNamed) {
  const Scratch model;
  model.write("a", "1");
  const std::string bundle = sign_one(model.path(), signer()).bundle;
  const auto verification = verify_text(model.path(), bundle, signer().key.public_key());
  EXPECT_FALSE(verification.verified);
  EXPECT_THAT(problems_of(verification), ElementsAre("other-key", "signature"));
}

TEST(VerifyModel, AWrongHintIsAProblemAndAMissingOneANote) {
  const Scratch model;
  model.write("a", "1");
  const sign::Signer by = signer();
  auto bundle = sign::Bundle::parse(sign_one(model.path(), by).bundle);
  ASSERT_TRUE(bundle);
  const sign::KeyTrust trust{by.key.public_key()};
  bundle->key_hint = std::string(64, '0');
  auto verification = sign::verify_model(model.path(), *bundle, trust, {});
  ASSERT_TRUE(verification);
  EXPECT_THAT(problems_of(*verification), ElementsAre("other-key"));
  EXPECT_FALSE(verification->verified);
  bundle->key_hint.clear();
  verification = sign::verify_model(model.path(), *bundle, trust, {});
  ASSERT_TRUE(verification);
  EXPECT_TRUE(verification->verified);
  EXPECT_THAT(verification->notes, Contains("the bundle does not name its key"));
}

TEST(VerifyModel, KeysThatModelsAreNotSignedWithAreRefused) {
  const auto ed25519 = base::PrivateKey::generate(base::KeyKind::ed25519);
  ASSERT_TRUE(ed25519);
  const auto refused = sign::Signer::create(*ed25519, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::usage);
  const Scratch model;
  model.write("a", "1");
  const auto bundle = sign::Bundle::parse(sign_one(model.path(), signer()).bundle);
  ASSERT_TRUE(bundle);
  const auto verification = sign::verify_model(model.path(), *bundle, sign::KeyTrust{ed25519->public_key()}, {});
  ASSERT_FALSE(verification);
  EXPECT_EQ(verification.error().code, Errc::usage);
}

TEST(VerifyModel, FilesBelowIgnoredPathsAreNamedAndLoadableOnesFail) {
  const Scratch model;
  write_model(model);
  const sign::Signer by = signer();
  const std::string bundle = sign_one(model.path(), by).bundle;
  model.write(".github/notes.txt", "x");
  auto verification = verify_text(model.path(), bundle, by.key.public_key());
  EXPECT_TRUE(verification.verified);
  EXPECT_THAT(verification.notes, Contains(HasSubstr("1 file where the signature ignores files")));
  model.write(".github/evil.py", "import os");
  verification = verify_text(model.path(), bundle, by.key.public_key());
  EXPECT_FALSE(verification.verified);
  ASSERT_THAT(problems_of(verification), ElementsAre("ignored-loadable .github/evil.py"));
  EXPECT_TRUE(verification.problems[0].reference_accepts);
  sign::VerifyOptions options;
  options.as_reference = true;
  verification = verify_text(model.path(), bundle, by.key.public_key(), options);
  EXPECT_TRUE(verification.verified);
  EXPECT_EQ(verification.problems.size(), 1U);
  options = {};
  options.ignore_paths = {".github"};
  verification = verify_text(model.path(), bundle, by.key.public_key(), options);
  EXPECT_TRUE(verification.verified);
  EXPECT_THAT(verification.problems, IsEmpty());
}

TEST(VerifyModel, UnsignedFilesPassOnlyWhenAskedFor) {
  const Scratch model;
  write_model(model);
  const sign::Signer by = signer();
  const std::string bundle = sign_one(model.path(), by).bundle;
  model.write("more.txt", "x");
  sign::VerifyOptions options;
  options.ignore_unsigned_files = true;
  const auto verification = verify_text(model.path(), bundle, by.key.public_key(), options);
  EXPECT_TRUE(verification.verified);
  EXPECT_THAT(verification.notes, Contains("1 file not signed, and not looked at, as asked"));
}

TEST(VerifyModel, TheBundleMayLieInTheModel) {
  const Scratch model;
  write_model(model);
  const sign::Signer by = signer();
  model.write("model.sig", sign_one(model.path(), by).bundle);
  sign::VerifyOptions options;
  options.bundle_place = sign::place_in_model(model.path(), model.path() / "model.sig");
  ASSERT_EQ(options.bundle_place, "model.sig");
  const auto text = base::read_file(model.path() / "model.sig", 1 << 20);
  const auto verification = verify_text(model.path(), *text, by.key.public_key(), options);
  EXPECT_TRUE(verification.verified);
  EXPECT_THAT(problems_of(verify_text(model.path(), *text, by.key.public_key())), ElementsAre("file-added model.sig"));
  EXPECT_EQ(sign::place_in_model(model.path(), "/etc/passwd"), std::nullopt);
}

TEST(VerifyModel, APartialVerdictSaysSoAndStillSeesAddedFiles) {
  const Scratch model;
  write_model(model);
  const sign::Signer by = signer();
  const std::string bundle = sign_one(model.path(), by).bundle;
  model.write("README.md", "changed");
  model.write("pytorch_model.bin", "changed");
  sign::VerifyOptions options;
  options.subset = sign::Subset::loader;
  auto verification = verify_text(model.path(), bundle, by.key.public_key(), options);
  EXPECT_TRUE(verification.verified);
  EXPECT_TRUE(verification.partial);
  EXPECT_THAT(verification.verified_files, ElementsAre("config.json", "model.safetensors", "tokenizer/vocab.txt"));
  EXPECT_EQ(verification.signed_files, 6U);
  model.write("tokenizer/new.json", "{}");
  verification = verify_text(model.path(), bundle, by.key.public_key(), options);
  EXPECT_THAT(problems_of(verification), ElementsAre("file-added tokenizer/new.json"));
  fs::remove(model.path() / "tokenizer/new.json");
  options = {};
  options.only = {"README.md"};
  EXPECT_THAT(problems_of(verify_text(model.path(), bundle, by.key.public_key(), options)),
              ElementsAre("file-changed README.md"));
  options.only = {"absent"};
  EXPECT_THAT(problems_of(verify_text(model.path(), bundle, by.key.public_key(), options)),
              ElementsAre("nothing-verified", "file-not-signed absent"));
}

TEST(VerifyModel, ConfusableNamesAreNotSignedAndFailWhereOthersSignedThem) {
  const Scratch model;
  model.write("config.json", "{}");
  model.write("Config.json", "[]");
  const sign::Signer by = signer();
  const auto refused = sign::sign_model(model.path(), by, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::usage);
  EXPECT_THAT(refused.error().text(), HasSubstr("case-only"));
  sign::SignOptions options;
  options.allow_confusable_names = true;
  const auto verification = verify_text(model.path(), sign_one(model.path(), by, options).bundle, by.key.public_key());
  EXPECT_THAT(problems_of(verification), ElementsAre("name-case-only config.json"));
  EXPECT_TRUE(verification.problems[0].reference_accepts);
}

TEST(VerifyModel, ASingleFileIsSignedUnderItsNameOrAsTheReferenceWantsIt) {
  const Scratch folder;
  folder.write("m.gguf", "GGUF");
  folder.write("other.gguf", "GGUF");
  const sign::Signer by = signer();
  const std::string named = sign_one(folder.path() / "m.gguf", by).bundle;
  EXPECT_TRUE(verify_text(folder.path() / "m.gguf", named, by.key.public_key()).verified);
  EXPECT_THAT(problems_of(verify_text(folder.path() / "other.gguf", named, by.key.public_key())),
              ElementsAre("file-renamed other.gguf"));
  for (const std::uint64_t shard_bytes : {0, 3}) {
    sign::SignOptions options;
    options.dot_for_single_file = true;
    options.shard_bytes = shard_bytes;
    const auto dot = sign_one(folder.path() / "m.gguf", by, options);
    EXPECT_EQ(dot.manifest.resources[0].path, ".");
    const auto verification = verify_text(folder.path() / "other.gguf", dot.bundle, by.key.public_key());
    EXPECT_TRUE(verification.verified);
    EXPECT_THAT(verification.notes, Contains(HasSubstr("named \".\"")));
  }
  folder.write("m.gguf", "GGUX");
  EXPECT_THAT(problems_of(verify_text(folder.path() / "m.gguf", named, by.key.public_key())),
              ElementsAre("file-changed m.gguf"));
  const std::string of_folder = sign_one(folder.path(), by).bundle;
  const auto bundle = sign::Bundle::parse(of_folder);
  const auto wrong = sign::verify_model(folder.path() / "m.gguf", *bundle, sign::KeyTrust{by.key.public_key()}, {});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::usage);
}

TEST(VerifyModel, WhatCannotBeSignedIsRefused) {
  const Scratch model;
  const sign::Signer by = signer();
  const auto empty = sign::sign_model(model.path(), by, {});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Errc::usage);
  model.write("a", "1");
  fs::create_symlink("a", model.path() / "link");
  const auto link = sign::sign_model(model.path(), by, {});
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code, Errc::usage);
  EXPECT_THAT(link.error().text(), HasSubstr("is a symbolic link"));
  sign::SignOptions options;
  options.allow_symlinks = true;
  const auto followed = sign_one(model.path(), by, options);
  EXPECT_EQ(followed.manifest.resources.size(), 2U);
  EXPECT_THAT(problems_of(verify_text(model.path(), followed.bundle, by.key.public_key())),
              ElementsAre("symbolic-link link"));
  sign::VerifyOptions following;
  following.allow_symlinks = true;
  EXPECT_TRUE(verify_text(model.path(), followed.bundle, by.key.public_key(), following).verified);
}

TEST(VerifyModel, PathsAreMadeRelativeToTheModel) {
  const auto paths = sign::relative_to_model("models/m", {"./logs/", "models/m/a", "x/../logs"});
  ASSERT_TRUE(paths) << paths.error().text();
  EXPECT_THAT(*paths, ElementsAre("a", "logs"));
  const auto here = sign::relative_to_model(".", {"a/b", "./c/"});
  ASSERT_TRUE(here);
  EXPECT_THAT(*here, ElementsAre("a/b", "c"));
  for (const char* bad : {"..", "../x", ".", "", "/etc", "models/m"}) {
    EXPECT_FALSE(sign::relative_to_model("models/m", {bad})) << bad;
  }
}

// ../shared/vectors/model-signing-interop: what the reference implementation and an independent writer made.
TEST(VerifyModel, AgreesWithTheInteroperabilityVectors) {
  const fs::path folder = PROJECT_DIR "/../shared/vectors/model-signing-interop";
  const auto table = base::read_file(folder / "expected.tsv", 1 << 20);
  if (!table) {
    GTEST_SKIP() << "no ../shared/vectors/model-signing-interop";
  }
  // By "bundle model key": what stands in for the table's verdicts where ours is its own.
  const std::map<std::string, std::vector<std::string>> expected = {
      {"bundles/bad-root-digest.sig tree p256.pub", {"root-digest"}},
      {"bundles/spec-order-tree-p256.sig tree-tampered p256.pub", {"file-changed weights.bin"}},
      {"bundles/spec-order-tree-p256.sig tree-extra p256.pub", {"file-added extra.txt"}},
      {"bundles/spec-order-tree-p256.sig tree p384.pub", {"other-key", "signature"}},
  };
  std::size_t rows = 0;
  for (const std::string_view line : base::split(*table, '\n')) {
    const std::vector<std::string_view> cells = base::split(line, '\t');
    if (cells.size() < 3 || cells[0] == "bundle") {
      continue;
    }
    ++rows;
    const std::string row = std::string(cells[0]) + " " + std::string(cells[1]) + " " + std::string(cells[2]);
    SCOPED_TRACE(row);
    const auto text = base::read_file(folder / cells[0], 1 << 20);
    const auto pem = base::read_file(folder / cells[2], 1 << 20);
    ASSERT_TRUE(text && pem);
    const auto bundle = sign::Bundle::parse(*text);
    ASSERT_TRUE(bundle) << bundle.error().text();
    const auto verification =
        sign::verify_model(folder / cells[1], *bundle, sign::KeyTrust{*base::PublicKey::from_pem(*pem)}, {});
    if (row == "bundles/extra-predicate-field.sig tree p256.pub") {
      ASSERT_FALSE(verification);
      EXPECT_THAT(verification.error().text(), HasSubstr("predicate.x_note: is not of OMS 1.0"));
      continue;
    }
    ASSERT_TRUE(verification) << verification.error().text();
    const auto found = expected.find(row);
    EXPECT_THAT(problems_of(*verification),
                testing::ElementsAreArray(found == expected.end() ? std::vector<std::string>() : found->second));
    EXPECT_EQ(verification->verified, found == expected.end());
  }
  EXPECT_EQ(rows, 19U);
}

TEST(VerifyModel, VerifiesEveryKeyAndCertificateBundleOfTheReferencesReleases) {
  const fs::path folder = PROJECT_DIR "/../shared/vectors/model-signing-reference/scripts/tests";
  const auto pem = base::read_file(folder / "keys/certificate/signing-key-pub.pem", 1 << 20);
  const auto root = base::read_file(folder / "keys/certificate/ca-cert.pem", 1 << 20);
  if (!pem || !root) {
    GTEST_SKIP() << "no ../shared/vectors/model-signing-reference";
  }
  const sign::KeyTrust key{*base::PublicKey::from_pem(*pem)};
  const sign::CertificateTrust certificate{*sign::Certificate::from_pem(*root), {}};
  for (const char* name :
       {"v0.2.0-certificate", "v0.3.1-certificate", "v1.0.0-certificate", "v1.0.1-certificate", "v1.1.0-certificate",
        "v0.3.1-elliptic-key", "v1.0.0-elliptic-key", "v1.0.1-elliptic-key", "v1.1.0-elliptic-key"}) {
    SCOPED_TRACE(name);
    const fs::path model = folder / name;
    const auto text = base::read_file(model / "model.sig", 1 << 20);
    ASSERT_TRUE(text);
    const auto bundle = sign::Bundle::parse(*text);
    ASSERT_TRUE(bundle) << bundle.error().text();
    const bool by_key = std::string_view(name).ends_with("key");
    const bool single = by_key && !fs::exists(model / "signme-2");
    sign::VerifyOptions options;
    options.bundle_place = "model.sig";
    if (std::string_view(name).starts_with("v1.0.1")) {
      options.ignore_paths = {"ignore-me"};
    }
    const auto verification = sign::verify_model(single ? model / "signme-1" : model, *bundle,
                                                 by_key ? sign::Trust(key) : sign::Trust(certificate), options);
    ASSERT_TRUE(verification) << verification.error().text();
    EXPECT_THAT(problems_of(*verification), IsEmpty());
    EXPECT_TRUE(verification->verified);
    // The same with one byte of the statement changed.
    sign::Bundle changed = *bundle;
    changed.envelope->payload.back() = ' ';
    const auto refused = sign::verify_model(single ? model / "signme-1" : model, changed,
                                            by_key ? sign::Trust(key) : sign::Trust(certificate), options);
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->verified);
  }
}

TEST(VerifyModel, VerifiesKeylessBundlesOfTheReferencesReleasesWithoutNetwork) {
  const fs::path folder = PROJECT_DIR "/../shared/vectors/model-signing-reference/scripts/tests";
  const auto root_text =
      base::read_file(PROJECT_DIR "/../shared/vectors/sigstore-trusted-root/trusted_root.json", 1 << 20);
  if (!root_text || !fs::exists(folder)) {
    GTEST_SKIP() << "no ../shared/vectors/model-signing-reference or sigstore-trusted-root";
  }
  const auto root = sign::TrustedRoot::parse(*root_text);
  ASSERT_TRUE(root) << root.error().text();
  for (const char* name : {"v0.3.1-sigstore", "v1.0.0-sigstore", "v1.0.1-sigstore", "v1.1.0-sigstore"}) {
    SCOPED_TRACE(name);
    const auto text = base::read_file(folder / name / "model.sig", 1 << 20);
    ASSERT_TRUE(text);
    const auto bundle = sign::Bundle::parse(*text);
    ASSERT_TRUE(bundle) << bundle.error().text();
    const auto leaf = sign::Certificate::from_der(bundle->certificates.at(0));
    ASSERT_TRUE(leaf);
    const sign::SignerIdentity identity{leaf->alternative_names()->at(0).value, **leaf->fulcio_issuer()};
    sign::VerifyOptions options;
    options.bundle_place = "model.sig";
    if (std::string_view(name).starts_with("v1.0.1")) {
      options.ignore_paths = {"ignore-me"};
    }
    const auto verification = sign::verify_model(folder / name, *bundle, sign::SigstoreTrust{*root, identity}, options);
    ASSERT_TRUE(verification) << verification.error().text();
    for (const sign::Problem& problem : verification->problems) {
      ADD_FAILURE() << problem.code << " " << problem.path << ": " << problem.message;
    }
    EXPECT_TRUE(verification->verified);
    EXPECT_EQ(verification->signer.subject, identity.subject);
    const auto other = sign::verify_model(
        folder / name, *bundle, sign::SigstoreTrust{*root, {"someone@example.org", identity.issuer}}, options);
    ASSERT_TRUE(other);
    EXPECT_THAT(problems_of(*other), ElementsAre("sigstore"));
    EXPECT_FALSE(other->verified);
  }
}

TEST(VerifyModel, TellsTheSpecificationsValidVectorsFromItsInvalidOnes) {
  const fs::path folder = PROJECT_DIR "/../shared/vectors/oms-spec/v1.0";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << "no ../shared/vectors/oms-spec";
  }
  std::size_t seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    ++seen;
    const auto text = base::read_file(entry.path(), 1 << 20);
    ASSERT_TRUE(text);
    const auto bundle = sign::Bundle::parse(*text);
    const std::string kind = entry.path().parent_path().filename().native();
    if (kind == "invalid") {
      // Keyless without a log entry has the shape of a bundle; it is refused when it is verified.
      EXPECT_TRUE(!bundle || !sign::verify_sigstore(*bundle, {}, {"someone", "somebody"})) << entry.path();
      continue;
    }
    ASSERT_TRUE(bundle) << entry.path() << ": " << bundle.error().text();
    const auto manifest = sign::Manifest::parse(bundle->envelope->payload);
    EXPECT_EQ(manifest.has_value(), kind == "valid") << entry.path();
    if (manifest) {
      EXPECT_EQ(manifest->computed_root(), manifest->root_digest) << entry.path();
    }
  }
  EXPECT_EQ(seen, 8U);
}

}  // namespace
