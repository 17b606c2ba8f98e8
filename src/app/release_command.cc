#include <algorithm>
#include <set>
#include <sstream>
#include <system_error>

#include "app/known_good.h"
#include "app/sign_options.h"
#include "base/file.h"
#include "base/text.h"
#include "report/release_page.h"
#include "sign/sign_model.h"

namespace app {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::Error;
using base::Result;

constexpr std::size_t kMaxListedFiles = 500;  // on the page

// For a POSIX shell.
std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '/' || c == '+';
  });
  if (plain) {
    return word;
  }
  std::string out = word.starts_with('-') ? "./'" : "'";
  for (const char c : word) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

// A line as sha256sum writes and reads it: names with a backslash or line end are escaped, and the line says so.
std::string checksum_line(std::string_view hex, std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    escaped += c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : std::string(1, c);
  }
  return (escaped == name ? "" : "\\") + std::string(hex) + "  " + escaped + "\n";
}

class Release {
 public:
  Release(const Arguments& arguments, Workplace place, fs::path out)
      : arguments_(arguments), place_(std::move(place)), out_(std::move(out)) {}

  Result<void> make() {
    std::error_code error;
    fs::create_directories(out_, error);
    if (error) {
      return Error{Errc::io, "cannot be made: " + error.message(), 0, base::printable(out_.native())};
    }
    std::error_code whole;
    const fs::path canonical = fs::canonical(place_.directory, whole);
    release_.name = arguments_.get("name", whole ? place_.directory.native() : canonical.filename().native());
    release_.time = base::now();
    TRY(sign_files());
    TRY(add_bill());
    TRY(record(place_, evidence::statement_of(release_)));
    TRY(prove());
    TRY(write_page());
    TRY(record(place_, evidence::statement_of(release_)));
    return {};
  }

  void report(Console& console) const {
    console.out << "Released " << base::printable(release_.name) << ": " << base::counted(page_.files, "file") << ", "
                << base::human_bytes(page_.bytes) << ", root " << release_.root.hex() << "\n";
    for (const evidence::ReleasedFile& file : release_.files) {
      console.out << "  " << file.sha256.hex() << "  " << base::printable((out_ / file.path).native()) << "  ("
                  << file.role << ")\n";
    }
    for (const auto& [role, reason] : page_.missing) {
      console.out << "  MISSING " << role << ": " << base::printable(reason) << "\n";
    }
    console.out << "Recipients start with " << base::printable((out_ / "VERIFY.html").native())
                << ". Publish the key's fingerprint by another way: " << page_.key_fingerprint << "\n";
  }
  [[nodiscard]] bool complete() const { return page_.missing.empty(); }

 private:
  Result<void> add(std::string role, std::string words, const std::string& name, std::string_view content) {
    TRY(base::write_file(out_ / name, content));
    return listed(std::move(role), std::move(words), name, content);
  }
  Result<void> listed(std::string role, std::string words, const std::string& name, std::string_view content) {
    const base::Sha256 digest = base::sha256(content);
    page_.parts.push_back({std::move(words), name, digest.hex()});
    release_.files.push_back({std::move(role), name, digest});
    return {};
  }
  void missing(const std::string& role, const std::string& reason) {
    release_.missing.push_back(role + ": " + reason);
    page_.missing.emplace_back(role, reason);
  }

  Result<void> sign_files() {
    const std::string passphrase = TRY(passphrase_of(arguments_));
    base::PrivateKey key = TRY(base::PrivateKey::from_file(arguments_.get("private-key"), passphrase));
    const base::PrivateKey kept = key;
    const sign::Signer signer = TRY(sign::Signer::create(std::move(key), {}, present()));
    sign::SignOptions options;
    options.threads = place_.threads;
    options.ignore_paths = TRY(sign::relative_to_model(place_.directory, arguments_.all("ignore-paths")));
    for (std::string& path : TRY(outside_snapshots(place_))) {
      options.ignore_paths.push_back(std::move(path));
    }
    if (auto inside = sign::place_in_model(place_.directory, out_)) {
      options.ignore_paths.push_back(std::move(*inside));
    }
    const std::vector<sign::SignedModel> models = TRY(sign::sign_model(place_.directory, signer, options));
    const sign::Manifest& manifest = models.front().manifest;
    std::copy(manifest.root_digest.begin(), manifest.root_digest.end(), release_.root.bytes.begin());
    std::string sums;
    std::error_code error;
    for (const sign::Resource& resource : manifest.resources) {
      const std::string hex = base::to_hex(base::as_bytes(resource.digest));
      sums += checksum_line(hex, resource.path);
      page_.bytes += fs::file_size(place_.directory / resource.path, error);
      if (page_.listed.size() < kMaxListedFiles) {
        page_.listed.emplace_back(resource.path, hex);
      }
    }
    page_.files = manifest.resources.size();
    page_.root = release_.root.hex();
    page_.key_fingerprint = sign::key_hint(kept.public_key());
    TRY(add("signature", "signature over all files (OpenSSF Model Signing)", "model.sig", models.front().bundle));
    TRY(add("public-key", "public key", "signer.pub", kept.public_key().pem()));
    TRY(add("checksums", "SHA-256 of every file", "SHA256SUMS", sums));
    const std::string sums_signature = TRY(kept.sign(base::as_bytes(sums)));
    hash_option_ = kept.kind() == base::KeyKind::ecdsa_p384   ? "-sha384"
                   : kept.kind() == base::KeyKind::ecdsa_p521 ? "-sha512"
                                                              : "-sha256";
    return add("checksums-signature", "signature over SHA256SUMS", "SHA256SUMS.sig", sums_signature);
  }

  // Runs another command of ours, quietly. Fails as it says itself.
  static Result<void> run(const std::vector<std::string>& words) {
    std::ostringstream out;
    std::ostringstream err;
    Console console{out, err, false, false, 80};
    const Exit code = dispatch(words, console);
    if (code != Exit::passed) {
      const std::string text = err.str();
      return Error{Errc::io, text.substr(0, text.find('\n'))};
    }
    return {};
  }

  Result<void> take_in(const std::string& role, const std::string& words, const std::string& name) {
    const std::string content = TRY(base::read_file(out_ / name, 1ULL << 30));
    return listed(role, words, name, content);
  }

  Result<void> add_bill() {
    const std::string name = "bom.cdx.json";
    const auto made = find_command("bom") == nullptr
                          ? Result<void>(Error{Errc::unsupported, "this build has no command bom"})
                          : run({"bom", place_.directory.native(), "--state", place_.state.native(), "--format",
                                 "cyclonedx-1.6", "--output", (out_ / name).native()});
    if (!made) {
      missing("bill-of-materials", made.error().message);
      return {};
    }
    return take_in("bill-of-materials", "bill of materials (CycloneDX 1.6)", name);
  }

  // Proves that the statement which was just recorded is in the log.
  Result<void> prove() {
    std::uint64_t index = 0;
    {
      const auto log = TRY(ledger::Ledger::open(place_.state, ledger::Ledger::Mode::read));
      index = TRY(log.checkpoint()).size - 1;
    }
    const Command* log = find_command("log");
    const bool can_prove = log != nullptr && find_subcommand(*log, "prove") != nullptr;
    const std::string state = place_.state.native();
    auto made =
        can_prove ? run({"log", "prove", std::to_string(index), place_.directory.native(), "--state", state, "--output",
                         (out_ / "release.tlog-proof").native(), "--entry", (out_ / "release.entry").native()})
                  : Result<void>(Error{Errc::unsupported, "this build has no command log prove"});
    if (made) {
      const auto keys = base::read_file(place_.state / "log-keys", 1U << 20);
      made = keys ? base::write_file(out_ / "log-keys", *keys) : Result<void>(keys.error());
    }
    if (!made) {
      missing("inclusion-proof", made.error().message);
      return {};
    }
    TRY(take_in("inclusion-proof", "proof that the release is in the publisher's log (C2SP tlog-proof)",
                "release.tlog-proof"));
    TRY(take_in("log-entry", "the entry of the log that names these files", "release.entry"));
    return take_in("log-key", "keys of the log", "log-keys");
  }

  Result<void> write_page() {
    page_.name = release_.name;
    page_.time = release_.time;
    page_.tool_version = kVersion;
    const std::string model = quoted(fs::path(release_.name).filename().native());
    std::error_code error;
    const fs::path out = fs::weakly_canonical(out_, error);
    const fs::path directory = fs::weakly_canonical(place_.directory, error);
    // Both lie beside each other, or one in the other; commands start where the model's directory lies.
    const fs::path beside = out.lexically_relative(directory.parent_path());
    const std::string dir = quoted(directory.filename().native());
    const auto in_release = [&](const char* name) { return quoted((beside / name).native()); };
    const auto from_model = [&](const char* name) {
      return quoted((out.lexically_relative(directory) / name).native());
    };
    page_.steps.push_back({"Is it the publisher's key?",
                           "The digest of the key's file must be the one you have from them.",
                           "sha256sum " + in_release("signer.pub")});
    page_.steps.push_back(
        {"Are the files whole?", "With tools that every system has: first the signature over the list, then the list.",
         "openssl dgst " + hash_option_ + " -verify " + in_release("signer.pub") + " \\\n  -signature " +
             in_release("SHA256SUMS.sig") + " " + in_release("SHA256SUMS") + "\n(cd " + dir +
             " && sha256sum --check --quiet --strict " + from_model("SHA256SUMS") + ")"});
    page_.steps.push_back({"Is anything there that was not released?",
                           "Surety reads the same signature and also refuses files that were added.",
                           "surety verify " + dir + " --signature " + in_release("model.sig") + " --public-key " +
                               in_release("signer.pub")});
    page_.steps.push_back({"The same with the reference implementation",
                           "model_signing, from the Python package model-signing.",
                           "model_signing verify key " + dir + " --signature " + in_release("model.sig") +
                               " --public_key " + in_release("signer.pub")});
    const bool proven = std::any_of(release_.files.begin(), release_.files.end(),
                                    [](const auto& file) { return file.role == "inclusion-proof"; });
    if (proven) {
      page_.steps.push_back({"Is the release in the publisher's log?",
                             "A release that is not in the log, or another one under its name, would not prove.",
                             "surety log verify --proof " + in_release("release.tlog-proof") + " --entry " +
                                 in_release("release.entry") + " --key " + in_release("log-keys")});
    }
    const std::string html = report::release_page(page_);
    TRY(base::write_file(out_ / "VERIFY.html", html));
    release_.files.push_back({"verification-page", "VERIFY.html", base::sha256(html)});
    return {};
  }

  const Arguments& arguments_;
  Workplace place_;
  fs::path out_;
  evidence::Release release_;
  report::ReleasePage page_;
  std::string hash_option_;
};

Result<Exit> make_release(const Arguments& arguments, Console& console) {
  if (arguments.positional(0, "").empty()) {
    return Error{Errc::usage, "which directory? surety release DIR --private-key FILE"};
  }
  Workplace place = TRY(workplace(arguments, arguments.positional(0, "")));
  if (!arguments.has("private-key")) {
    return Error{Errc::usage, "--private-key FILE is needed: a release is signed"};
  }
  std::error_code error;
  const fs::path directory = fs::canonical(place.directory, error);
  const fs::path out =
      arguments.has("output") ? fs::path(arguments.get("output")) : fs::path(directory.native() + ".release");
  if (fs::exists(out, error) && (!fs::is_directory(out, error) || !fs::is_empty(out, error))) {
    return Error{Errc::usage, "is there already and not empty: a release is never written over another", 0,
                 base::printable(out.native())};
  }
  Release release(arguments, std::move(place), out);
  TRY(release.make());
  release.report(console);
  return release.complete() || !arguments.has("strict") ? Exit::passed : Exit::unknown;
}

}  // namespace

Exit run_release(const Arguments& arguments, Console& console) {
  const auto code = make_release(arguments, console);
  return code ? *code : report_error(code.error(), console);
}

}  // namespace app
