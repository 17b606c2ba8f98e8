#include "base/json.h"
#include "control/approvals.h"

// An approval that is read, written and read again is the same one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) {
    return 0;
  }
  const auto approval = control::approval_from(*value, "approval.json");
  if (!approval) {
    return 0;
  }
  const base::Value written = control::to_value(*approval);
  const auto again = control::approval_from(written, "approval.json");
  if (!again || control::to_value(*again) != written || !(again->binding == approval->binding)) {
    __builtin_trap();
  }
  return 0;
}
