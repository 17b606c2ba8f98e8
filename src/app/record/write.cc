#include <filesystem>

#include "app/record/record.h"
#include "app/record/ssh_keygen.h"
#include "app/sign_options.h"
#include "assess/exceptions.h"
#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "records/kinds.h"
#include "records/ssh_signature.h"

namespace app {
namespace {

namespace fs = std::filesystem;

base::Result<std::string> signature_of(const Arguments& arguments, const std::string& file) {
  const std::string content = TRY(base::read_file(file, records::kMaxFileBytes));
  if (fs::path(file).filename() == fs::path(assess::kExceptionsFile).filename()) {
    const auto parsed = base::parse_yaml(content);
    if (!parsed) {
      return base::Error(parsed.error()).in_file(base::printable(file));
    }
  } else {
    TRY(records::parse_file(content, base::printable(file)));  // what is no file of records needs no attestation
  }
  const std::string passphrase = TRY(passphrase_of(arguments));
  const std::string key_file = arguments.get("key");
  if (const auto text = base::read_file(key_file, records::kMaxKeyBytes);
      text && records::public_key_from_ssh(*text)) {  // the private one is in an agent, or beside it
    return sign_with_ssh_keygen(key_file, content, passphrase);
  }
  const auto key = records::private_key_from_file(key_file, passphrase);
  if (!key && key.error().code == base::Errc::unsupported) {  // encrypted or RSA in OpenSSH's own form
    return sign_with_ssh_keygen(key_file, content, passphrase);
  }
  return key ? records::make_ssh_signature(*key, content, records::kNamespace) : key.error();
}

}  // namespace

Exit run_record_new(const Arguments& arguments, Console& console) {
  if (arguments.positional().empty()) {
    return report_error({base::Errc::usage, "say which kind: " + records::kind_names()}, console);
  }
  const auto kind = kind_called(arguments.positional(0, ""));
  if (!kind) {
    return report_error(kind.error(), console);
  }
  const std::string text = records::draft(**kind);
  const std::string output =
      arguments.get("output", std::string(records::kFolder) + "/" + std::string((*kind)->name) + ".yaml");
  if (output == "-") {
    console.out << text;
    return Exit::passed;
  }
  std::error_code error;
  if (fs::exists(fs::symlink_status(output, error)) && !arguments.has("force")) {
    return report_error({base::Errc::usage, "already there; --force replaces it", 0, base::printable(output)}, console);
  }
  if (const fs::path folder = fs::path(output).parent_path(); !folder.empty()) {
    fs::create_directories(folder, error);
  }
  if (const auto written = base::write_file(output, text); !written) {
    report_error(written.error(), console);
    return Exit::environment;
  }
  console.err << "Wrote " << base::printable(output) << ". Fill it in, then: surety record check\n";
  return Exit::passed;
}

Exit run_record_sign(const Arguments& arguments, Console& console) {
  if (arguments.positional().empty() || !arguments.has("key")) {
    return report_error({base::Errc::usage, "name the file to sign, and the key with --key FILE"}, console);
  }
  const std::string file = arguments.positional(0, "");
  const auto signature = signature_of(arguments, file);
  if (!signature) {
    return report_error(signature.error(), console);
  }
  const std::string output = arguments.get("output", file + ".sig");
  if (const auto written = base::write_file(output, *signature); !written) {
    report_error(written.error(), console);
    return Exit::environment;
  }
  console.err << "Wrote " << base::printable(output) << "\n";
  return Exit::passed;
}

}  // namespace app
