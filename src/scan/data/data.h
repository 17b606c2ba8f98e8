#pragma once

#include <string>
#include <string_view>

#include "inspect/secrets.h"
#include "scan/collector.h"

namespace scan {

/// A credential that is known by more than a name is of high severity, another of medium.
[[nodiscard]] evidence::Severity severity_of(const inspect::Secret& secret);
/// Credentials of providers. `text` is a file or a member.
void judge_secrets(std::string_view text, const std::string& path, Collector& out);
/// Credentials in a file that nothing else is known of, where it is text at all, of UTF-16 too.
void judge_loose_text(base::Bytes content, const std::string& path, Collector& out);
/// Rows of a data set; `format` is csv, tsv, jsonl, json or text (lines).
void judge_dataset(std::string_view text, const std::string& path, std::string_view format, Collector& out);
/// The same for a file, where it is one: by its kind, and by its name where it is of no other format (`known`). Text in
/// UTF-16 is read as well. Returns whether it is a data set.
bool judge_data_file(const evidence::Asset& asset, base::Bytes content, bool known, Collector& out);

}  // namespace scan
