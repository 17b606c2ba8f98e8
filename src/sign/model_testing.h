#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/keys.h"
#include "sign/sign_model.h"
#include "sign/verify_model.h"

/// Helpers for tests of the room: models in scratch directories, keys.
namespace sign_testing {

/// A directory that is removed at the end.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "surety-sign-XXXXXX").native();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void write(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline sign::Signer signer(base::KeyKind kind = base::KeyKind::ecdsa_p256) {
  return {*base::PrivateKey::generate(kind), {}};
}

inline sign::SignedModel sign_one(const std::filesystem::path& model, const sign::Signer& by,
                                  const sign::SignOptions& options = {}) {
  auto models = sign::sign_model(model, by, options);
  EXPECT_TRUE(models) << models.error().text();
  return models->at(0);
}

inline sign::Verification verify_text(const std::filesystem::path& model, std::string_view bundle_text,
                                      const base::PublicKey& key, const sign::VerifyOptions& options = {}) {
  const auto bundle = sign::Bundle::parse(bundle_text);
  EXPECT_TRUE(bundle) << bundle.error().text();
  auto verification = sign::verify_model(model, *bundle, sign::KeyTrust{key}, options);
  EXPECT_TRUE(verification) << verification.error().text();
  return *verification;
}

/// "code path" of every problem.
inline std::vector<std::string> problems_of(const sign::Verification& verification) {
  std::vector<std::string> lines;
  for (const sign::Problem& problem : verification.problems) {
    lines.push_back(problem.code + (problem.path.empty() ? "" : " " + problem.path));
  }
  return lines;
}

}  // namespace sign_testing
