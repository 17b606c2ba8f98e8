#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "assess/assess.h"
#include "base/file.h"
#include "base/json.h"
#include "base/yaml.h"

/// For tests: rows of fact tables as testdata/ has them, and changes of them.
namespace assess {

inline constexpr std::int64_t kCaseToday = 1795435200;  ///< 2026-11-23, which the cases count from.

inline base::Value test_document(const std::string& name) {
  const auto text = base::read_file(std::filesystem::path(SOURCE_DIR) / "testdata" / name, 8U << 20);
  EXPECT_TRUE(text) << name;
  auto parsed = base::parse_yaml(*text);
  EXPECT_TRUE(parsed) << name << ": " << parsed.error().text();
  return *parsed;
}

inline std::string text_of(const base::Value& value) {
  return value.is_string() ? std::string(value.as_text()) : base::to_json(value);
}

inline bool matches(const base::Value& row, const base::Value& where) {
  return std::all_of(where.as_map().begin(), where.as_map().end(),
                     [&](const auto& wanted) { return text_of(row[wanted.first]) == text_of(wanted.second); });
}

/// Tables by name.
using World = std::map<std::string, base::Value::List, std::less<>>;

inline void apply(World& world, const base::Value& change) {
  base::Value::List& rows = world[std::string(change["table"].as_text())];
  if (const base::Value* added = change.find("add"); added != nullptr) {
    rows.push_back(*added);
    return;
  }
  const base::Value& where = change["where"];
  const auto picked = [&](const base::Value& row) { return matches(row, where); };
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), picked)) << "line " << change.line() << ": no such row";
  if (change["remove"].as_bool()) {
    std::erase_if(rows, picked);
    return;
  }
  for (base::Value& row : rows) {
    if (picked(row)) {
      for (const auto& [name, value] : change["set"].as_map()) {
        row.set(name, value);
      }
    }
  }
}

inline World sound_world() {
  World world;
  static const base::Value read = test_document("provisions/world.yaml");
  for (const auto& [table, rows] : read["world"].as_map()) {
    world[table] = rows.as_list();
  }
  return world;
}

inline base::Result<Facts> facts_of(const World& world) {
  Facts facts = TRY(Facts::create());
  for (const auto& [table, rows] : world) {
    for (base::Value row : rows) {
      if (table == "assets") {
        const std::string path(row["path"].as_text());
        row.set("part", path.find('#') == std::string::npos ? 0 : 1);
        row.set("file", path.substr(0, path.find('#')));
      }
      TRY(facts.add_row(table, row));
    }
  }
  TRY(facts.finish({kCaseToday}));
  return facts;
}

}  // namespace assess
