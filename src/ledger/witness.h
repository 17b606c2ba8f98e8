#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ledger/log_key.h"
#include "ledger/proof_file.h"

namespace ledger {

/// A witness (C2SP tlog-witness): remembers the last checkpoint it saw of each log and cosigns only what continues it.
/// So whoever asks for its cosignature is shown the same history as everybody else. State is a directory:
/// `HEX/checkpoint`, HEX being the SHA-256 of the origin, holds that checkpoint with the cosignature; `lock` is held
/// while one is checked and replaced, so that any number of processes may answer at once. Thread-safe across objects,
/// not for one object.
class Witness {
 public:
  struct Answer {
    int status = 200;  ///< As the protocol says.
    std::string type = "text/plain; charset=utf-8";
    std::string body;
  };
  /// `logs` are the keys of the logs that it cosigns for. The signer makes cosignatures. Fails with io or usage.
  static base::Result<Witness> open(std::filesystem::path directory, NoteSigner signer, Trust logs);

  /// Answers POST add-checkpoint. The new state is on the disk before this returns 200. Fails with io; the caller then
  /// answers 500, and nothing was cosigned.
  base::Result<Answer> add_checkpoint(std::string_view request, base::UnixTime now) const;
  /// Answers GET HEX/checkpoint.
  [[nodiscard]] base::Result<Answer> last_checkpoint(std::string_view hex) const;
  /// What it remembers of a log; none where it saw none. Fails with io or untrusted (damaged).
  [[nodiscard]] base::Result<std::optional<Checkpoint>> remembered(std::string_view origin) const;

 private:
  Witness(std::filesystem::path directory, NoteSigner signer, Trust logs)
      : directory_(std::move(directory)), signer_(std::move(signer)), logs_(std::move(logs)) {}
  [[nodiscard]] std::filesystem::path state_path(std::string_view origin) const;
  std::filesystem::path directory_;
  NoteSigner signer_;
  Trust logs_;
};

/// A CGI program (RFC 3875) that is a witness: what to print for a request of that method and path, with that body.
base::Result<std::string> answer_cgi(const Witness& witness, std::string_view method, std::string_view path,
                                     std::string_view body, base::UnixTime now);

}  // namespace ledger
