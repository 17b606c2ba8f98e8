#include <limits>

#include "ledger/log_key.h"
#include "ledger/state.h"

namespace ledger {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::uint64_t kBatchEntries = 4096;
constexpr std::uint64_t kBatchBytes = 4U << 20;

}  // namespace

Result<void> migrate(const Database& database, const std::filesystem::path& entries, std::uint8_t format,
                     const Checkpoint& stored) {
  const auto disagrees = [](const std::string& what) {
    return Error{Errc::untrusted, "ledger: it is of an older format and cannot be brought into the present one: " +
                                      what + ": it was changed"};
  };
  EntryFile file = TRY(EntryFile::create(entries, stored.origin));
  Transaction transaction(database);
  TRY(transaction.begin("BEGIN IMMEDIATE"));
  TRY(database.execute("ALTER TABLE current RENAME TO old_current; ALTER TABLE log RENAME TO old_log"));
  for (const Table& table : tables_of(kFormat)) {
    if (table.name != "tile") {
      TRY(database.execute(std::string(table.sql).c_str()));
    }
  }
  Query rows = TRY(database.prepare("SELECT idx, received, key, content FROM entry ORDER BY idx"));
  Query make_current = TRY(database.prepare("INSERT OR REPLACE INTO current VALUES(?1, ?2, ?3)"));
  Query insert_place = TRY(database.prepare("INSERT INTO place VALUES(?1, ?2)"));
  Frontier tree;
  EntryBatch batch = file.batch(0);
  const auto write = [&]() -> Result<void> {
    batch.seal();
    TRY(file.write(batch));
    batch = file.batch(tree.size());
    return {};
  };
  while (TRY(rows.step())) {
    const StoredEntry entry = stored_entry_of(rows, format);
    if (entry.index != tree.size()) {
      return disagrees("entry " + std::to_string(tree.size()) + " is missing");
    }
    const auto added = batch.add(entry.received, entry.key, entry.content, entry.record);
    const auto index = static_cast<std::int64_t>(entry.index);
    if (entry.index % kTileHashes == 0) {
      TRY(insert_place.bind(1, index / static_cast<std::int64_t>(kTileHashes))
              .bind(2, static_cast<std::int64_t>(added.place))
              .run());
    }
    if (!entry.key.empty()) {
      TRY(make_current.bind(1, entry.key).bind(2, index).bind(3, static_cast<std::int64_t>(added.place)).run());
    }
    tree.append(added.leaf, [](unsigned, std::uint64_t, const base::Sha256&) {});
    if (batch.count() == kBatchEntries || batch.bytes().size() >= kBatchBytes) {
      TRY(write());
    }
  }
  TRY(write());
  if (tree.size() != stored.size || tree.root() != stored.root) {
    return disagrees("its entries do not have the stored root");
  }
  // A list of current entries that says something else than the entries is not silently put right.
  if (TRY(database.number("SELECT (SELECT count(*) FROM old_current) IS NOT (SELECT count(*) FROM current) OR "
                          "EXISTS(SELECT 1 FROM old_current o LEFT JOIN current c ON c.key = o.key "
                          "WHERE c.idx IS NOT o.idx)")) != 0) {
    return disagrees("its list of current entries is not that of its entries");
  }
  Query log = TRY(database.prepare("INSERT INTO log SELECT 1, origin, size, root, ?1 FROM old_log"));
  TRY(log.bind(1, static_cast<std::int64_t>(file.end())).run());
  rows = Query();
  TRY(database.execute("DROP TABLE old_current; DROP TABLE old_log; DROP TABLE entry"));
  TRY(database.execute(("PRAGMA user_version = " + std::to_string(int{kFormat})).c_str()));
  TRY(sync_directory(entries.parent_path()));
  TRY(transaction.commit());
  (void)database.execute("VACUUM");  // gives the room back; where it fails there is just less of it
  return {};
}

}  // namespace ledger
