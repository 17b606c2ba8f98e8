#include "ledger/witness.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>

#include "app/log/log.h"
#include "base/file.h"
#include "base/text.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;

constexpr std::uint64_t kMaxRequestBytes = 2U << 20;

// The witness of a directory: its key is made when a name is given for the first time.
Result<ledger::Witness> open_witness(const Arguments& arguments, std::string& verifier) {
  if (!arguments.has("state")) {
    return Error{Errc::usage, "say where the witness keeps what it saw: --state DIRECTORY"};
  }
  const std::filesystem::path directory = arguments.get("state");
  const std::filesystem::path key_file =
      arguments.has("key") ? std::filesystem::path(arguments.get("key")) : directory / "witness-key.pem";
  const std::filesystem::path name_file = directory / "witness-key";
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) {
    return Error{Errc::io, "create the directory: " + failure.message(), 0, base::printable(directory.native())};
  }
  std::string name = arguments.get("name");
  if (std::filesystem::exists(name_file)) {
    const std::string text = TRY(base::read_file(name_file, ledger::kMaxKeyListBytes));
    const ledger::NoteVerifier known = TRY(ledger::NoteVerifier::parse(base::trim(text)));
    if (!name.empty() && name != known.name()) {
      return Error{Errc::usage, "this witness is " + known.name(), 0, base::printable(name_file.native())};
    }
    name = known.name();
  }
  if (name.empty()) {
    return Error{Errc::usage, "name the witness when it is first used: --name example.org/witness"};
  }
  if (!std::filesystem::exists(key_file)) {
    if (std::filesystem::exists(name_file)) {
      return Error{Errc::not_found, "the key of this witness is not there", 0, base::printable(key_file.native())};
    }
    if (!ledger::is_key_name(name)) {
      return Error{Errc::usage, "--name: has a space or a plus sign, or is too long"};
    }
    const base::PrivateKey made = TRY(base::PrivateKey::generate(base::KeyKind::ed25519));
    TRY(ledger::write_secret(key_file, made.pem()));
  }
  base::PrivateKey key = TRY(base::PrivateKey::from_file(key_file.native()));
  ledger::NoteSigner signer = TRY(ledger::NoteSigner::make(name, ledger::NoteKeyType::cosignature, std::move(key)));
  verifier = signer.verifier().text();
  if (!std::filesystem::exists(name_file)) {
    TRY(ledger::write_durably(name_file, verifier + "\n"));
  } else if (base::trim(TRY(base::read_file(name_file, ledger::kMaxKeyListBytes))) != verifier) {
    return Error{Errc::usage, "this is another key than the witness had", 0, base::printable(key_file.native())};
  }
  const std::filesystem::path logs_file =
      arguments.has("logs") ? std::filesystem::path(arguments.get("logs")) : directory / "logs";
  ledger::Trust logs;
  if (std::filesystem::exists(logs_file)) {
    auto list = ledger::Trust::parse(TRY(base::read_file(logs_file, ledger::kMaxKeyListBytes)));
    if (!list) {
      return std::move(list).error().in_file(base::printable(logs_file.native()));
    }
    logs = *std::move(list);
  } else if (arguments.has("logs")) {
    return Error{Errc::not_found, "no such file", 0, base::printable(logs_file.native())};
  }
  return ledger::Witness::open(directory, std::move(signer), std::move(logs));
}

// What a request says, from standard input; as much as its length says.
Result<std::string> read_body() {
  const char* length = std::getenv("CONTENT_LENGTH");
  const std::uint64_t bytes = length == nullptr ? 0 : std::strtoull(length, nullptr, 10);
  if (bytes > kMaxRequestBytes) {
    return Error{Errc::too_large, "the request is above " + base::human_bytes(kMaxRequestBytes)};
  }
  std::string body(static_cast<std::size_t>(bytes), '\0');
  std::cin.read(body.data(), static_cast<std::streamsize>(bytes));
  body.resize(static_cast<std::size_t>(std::cin.gcount()));
  return body;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<Exit> run(const Arguments& arguments, Console& console) {
  std::string verifier;
  const ledger::Witness witness = TRY(open_witness(arguments, verifier));
  if (arguments.has("cgi")) {
    const std::string body = TRY(read_body());
    console.out << TRY(
        ledger::answer_cgi(witness, environment("REQUEST_METHOD"), environment("PATH_INFO"), body, base::now()));
    return Exit::passed;
  }
  if (arguments.positional().empty()) {
    console.out << verifier << "\n";
    return Exit::passed;
  }
  const std::string file = arguments.positional(0, "");
  const std::string request = TRY(base::read_file(file, kMaxRequestBytes));
  const auto answer = TRY(witness.add_checkpoint(request, base::now()));
  if (answer.status != 200) {
    const std::string reason = answer.status == 409
                                   ? "the proof is not from what this witness saw last, which is of size " +
                                         std::string(base::trim(answer.body)) + " (surety log prove --from " +
                                         std::string(base::trim(answer.body)) + ")"
                                   : std::string(base::trim(answer.body));
    return Error{answer.status == 403 || answer.status == 422 ? Errc::untrusted : Errc::usage, "refused: " + reason, 0,
                 base::printable(file)};
  }
  // The same checkpoint with the cosignature.
  std::string cosigned = TRY(ledger::AddCheckpoint::parse(request)).checkpoint + answer.body;
  TRY(deliver(arguments, cosigned, console));
  return Exit::passed;
}

}  // namespace

Exit run_log_witness(const Arguments& arguments, Console& console) {
  const auto done = run(arguments, console);
  if (!done && arguments.has("cgi")) {
    console.out
        << "Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nthe witness failed\n";
  }
  return done ? *done : report_log_error(done.error(), console);
}

}  // namespace app
