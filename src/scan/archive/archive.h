#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scan/content.h"

namespace scan {

/// Zip, tar, and compressed streams: their structure, and every member that some reader would interpret.
[[nodiscard]] std::span<const Reading> archive_readings();

/// Code of TorchScript.
void judge_torchscript(std::string_view text, const std::string& path, Collector& out);

}  // namespace scan
