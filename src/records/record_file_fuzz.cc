#include "records/kinds.h"
#include "records/read.h"

// Whatever is taken as a file of records names a kind, and every record of it has an id.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = records::parse_file({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  if (!document) {
    return 0;
  }
  if (records::find_kind((*document)["kind"].as_text()) == nullptr) {
    __builtin_trap();
  }
  for (const base::Value& record : (*document)["records"].as_list()) {
    if (!record["id"].is_string() || !record["effective"].is_string()) {
      __builtin_trap();
    }
  }
  return 0;
}
