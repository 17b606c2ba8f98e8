#include "app/table.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace app {
namespace {

std::string csv_cell(const std::string& text) {
  std::string safe =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos ? "'" + text : text;
  if (safe.find_first_of(",\"\r\n") == std::string::npos) {
    return safe;
  }
  std::string out = "\"";
  for (const char c : safe) {
    out += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return out + "\"";
}

std::string csv(const std::vector<std::string>& columns, const std::vector<Row>& rows) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    out += (i == 0 ? "" : ",") + csv_cell(columns[i]);
  }
  out += "\r\n";
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += (i == 0 ? "" : ",") + csv_cell(row[i].value_or(""));
    }
    out += "\r\n";
  }
  return out;
}

std::string json(const std::vector<std::string>& columns, const std::vector<Row>& rows) {
  base::Value list{base::Value::List{}};
  for (const Row& row : rows) {
    base::Value::Map object;
    for (std::size_t i = 0; i < row.size(); ++i) {
      object.emplace_back(columns[i], row[i] ? base::Value(*row[i]) : base::Value());
    }
    list.push(std::move(object));
  }
  return base::to_json(list, 2) + "\n";
}

// Shrinks the widest columns, all alike, until the line fits or none is wider than its `least`.
std::vector<std::size_t> fitting(std::vector<std::size_t> widths, const std::vector<std::size_t>& least,
                                 std::size_t width) {
  std::size_t total = 2 * (widths.size() - 1);
  for (std::size_t& one : widths) {
    one = std::min(one, width);
    total += one;
  }
  for (; total > width; --total) {
    std::size_t* widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] > least[i] && (widest == nullptr || widths[i] >= *widest)) {
        widest = &widths[i];
      }
    }
    if (widest == nullptr) {
      break;
    }
    --*widest;
  }
  return widths;
}

std::string text(const std::vector<std::string>& columns, const std::vector<Row>& rows, std::size_t width) {
  std::vector<std::size_t> widths;
  std::vector<std::size_t> least;  // headings stay whole while they are short
  for (const std::string& column : columns) {
    widths.push_back(base::display_width(column));
    least.push_back(std::clamp<std::size_t>(widths.back(), 8, 16));
  }
  std::vector<std::vector<std::string>> shown_rows;
  for (const Row& row : rows) {
    std::vector<std::string>& cells = shown_rows.emplace_back();
    cells.reserve(row.size());
    for (const auto& cell : row) {
      cells.push_back(base::printable(cell.value_or("")));
      widths[cells.size() - 1] = std::max(widths[cells.size() - 1], base::display_width(cells.back()));
    }
  }
  widths = fitting(std::move(widths), least, width);
  std::string out;
  const auto add = [&](const std::vector<std::string>& cells) {
    std::vector<std::vector<std::string>> wrapped;
    std::size_t lines = 1;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      wrapped.push_back(base::wrap(cells[i], widths[i]));
      lines = std::max(lines, wrapped.back().size());
    }
    for (std::size_t line = 0; line < lines; ++line) {
      std::string shown;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string part = line < wrapped[i].size() ? wrapped[i][line] : "";
        shown += part + std::string(widths[i] + 2 - std::min(widths[i] + 2, base::display_width(part)), ' ');
      }
      shown.erase(shown.find_last_not_of(' ') + 1);
      out += shown + "\n";
    }
  };
  add(columns);
  std::vector<std::string> rule;
  rule.reserve(widths.size());
  for (const std::size_t w : widths) {
    rule.emplace_back(w, '-');
  }
  add(rule);
  for (const std::vector<std::string>& cells : shown_rows) {
    add(cells);
  }
  return out;
}

}  // namespace

std::string render_table(const std::vector<std::string>& columns, const std::vector<Row>& rows, std::string_view format,
                         std::size_t width) {
  return format == "json" ? json(columns, rows) : format == "csv" ? csv(columns, rows) : text(columns, rows, width);
}

}  // namespace app
