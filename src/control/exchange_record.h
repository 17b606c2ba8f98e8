#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "control/configuration.h"
#include "control/exchange.h"
#include "control/subject_keys.h"
#include "traffic/message.h"

namespace control {

/// What a filter decided about an exchange.
struct FilterDecision {
  Filter filter = Filter::identity;
  std::string action;  ///< "refused", "would-refuse", "asked", "redacted", "switched", "alarm".
  std::string reason;
};

/// A body as the log is to hold it.
struct RecordedBody {
  std::uint64_t bytes = 0;
  base::Sha256 digest;  ///< Of the content; not set where there was none.
  std::string content;  ///< To be sealed; empty where only the digest is kept.
};

/// Everything that the record of one exchange says.
struct ExchangeRecord {
  std::string kind = "exchange";  ///< "request" where it is written ahead.
  std::string id;
  std::int64_t started_ms = 0;
  std::uint64_t duration_us = 0;
  std::string_view route;  ///< Lives for ever.
  std::string method;
  std::string path;
  std::string peer;  ///< Only where nobody was known.
  std::string caller;
  std::string tenant;
  std::string model;
  std::string upstream;
  base::Sha256 policy;
  base::Sha256 prompt;
  base::Sha256 tools;
  RecordedBody request;
  RecordedBody answer;
  unsigned status = 0;
  std::string ended;
  std::string answering_model;
  std::string fingerprint;
  std::vector<std::string> finish_reasons;
  traffic::Usage usage;
  std::vector<FilterDecision> decisions;
  struct Finding {
    std::string action;
    std::string detector;
    std::string name;
    std::string origin;
    bool in_answer = false;
  };
  std::vector<Finding> findings;
  struct Call {
    std::string tool;
    std::string decision;
    base::Sha256 arguments;
  };
  std::vector<Call> calls;
  std::vector<std::string> approvals;
  std::vector<std::string> notices;
};

[[nodiscard]] std::string_view to_string(End end);

/// Writes the statement into `out`, in canonical bytes. Everything private is keyed or sealed with `key`; without one
/// it is left out.
void write_record(const ExchangeRecord& record, const SubjectKey* key, std::string& out);

}  // namespace control
