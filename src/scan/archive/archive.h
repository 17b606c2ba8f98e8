#pragma once

#include <span>

#include "scan/content.h"

namespace scan {

/// Archives and compressed streams: their structure, and every member that some reader would interpret; programs where
/// a model should be.
[[nodiscard]] std::span<const Reading> archive_readings();

bool judge_zip(const Content& content, Collector& out);
bool judge_tar(const Content& content, Collector& out);
/// What libarchive reads: 7z, RAR, CAB and the like.
bool judge_packed(const Content& content, Collector& out);
/// A 7z archive behind a program that unpacks itself.
bool judge_packed_behind_stub(const Content& content, Collector& out);
bool judge_compressed(const Content& content, Collector& out);

}  // namespace scan
