#include "evidence/bill.h"
#include "evidence/statement.h"

#include "evidence/event.h"
#include "evidence/record.h"

// Whatever parse() takes is written back to bytes that parse to the same, and every reader's value survives its writer.
namespace {

template <class Reader>
void check(const evidence::Statement& statement, Reader read) {
  const auto value = read(statement);
  if (!value) {
    return;
  }
  const evidence::Statement written = evidence::statement_of(*value);
  const auto again = read(written);
  if (!again || evidence::statement_of(*again).canonical() != written.canonical() || written.key() != statement.key()) {
    __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto statement = evidence::Statement::parse({reinterpret_cast<const char*>(data), size});
  if (!statement) {
    return 0;
  }
  const std::string canonical = statement->canonical();
  const auto again = evidence::Statement::parse(canonical);
  if (!again || again->canonical() != canonical || again->key() != statement->key() ||
      evidence::removal_of(*statement).key() != statement->key()) {
    __builtin_trap();
  }
  check(*statement, &evidence::asset_from);
  check(*statement, &evidence::scan_from);
  check(*statement, &evidence::system_from);
  check(*statement, &evidence::repository_from);
  check(*statement, &evidence::tree_from);
  check(*statement, &evidence::claims_from);
  check(*statement, &evidence::bill_from);
  check(*statement, &evidence::run_from);
  check(*statement, &evidence::event_from);
  check(*statement, &evidence::watch_from);
  check(*statement, &evidence::record_from);
  check(*statement, &evidence::record_file_from);
  check(*statement, &evidence::control_from);
  check(*statement, &evidence::monitor_from);
  return 0;
}
