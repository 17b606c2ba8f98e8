#pragma once

#include <string>
#include <string_view>

#include "base/byte_cursor.h"
#include "evidence/observation.h"
#include "sandbox/sandbox.h"

/// The scanner as work for the sandbox's children: what goes to them and what comes back.
namespace app {

/// What a child is told of a file beside its content.
[[nodiscard]] std::string judge_head(std::string_view path);
/// Runs in the child: judges the content and packs the scan.
std::string judge_handler(std::string_view head, base::Bytes content);
/// Runs in the child: the disassembly of what can be read as a pickle.
std::string trace_handler(std::string_view head, base::Bytes content);
/// Runs in the child: observes a file for the inventory, judges it, and packs what came of both; reads what is_bill().
std::string read_handler(std::string_view head, base::Bytes content);
/// The same without judging it.
std::string observe_handler(std::string_view head, base::Bytes content);
/// What is to be said of a file that got no answer, or none that a handler could have given.
[[nodiscard]] evidence::FileScan not_judged(const sandbox::Reply& reply, std::string_view path);
/// The scan in the reply, or what is to be said where there is none.
[[nodiscard]] evidence::FileScan judged(const sandbox::Reply& reply, std::string_view path);
/// Builds the tables that children share with the parent.
void warm_judge();

}  // namespace app
