#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/markup.h"
#include "base/text.h"
#include "threats/render.h"

namespace threats {

using evidence::ThreatElement;
using evidence::ThreatFlow;
using evidence::ThreatModel;
using evidence::ThreatState;

namespace {

// Sizes in pixels.
constexpr int kNodeWidth = 158;
constexpr int kNodeHeight = 46;
constexpr int kRowGap = 18;
constexpr int kColumnGap = 74;
constexpr int kZonePadding = 18;
constexpr int kZoneTitle = 26;
constexpr int kZoneGap = 64;
constexpr int kMargin = 16;
constexpr int kLegend = 78;

constexpr std::array<std::string_view, 7> kKinds = {"outside", "interface", "component", "model",
                                                    "prompt",  "data",      "tool"};
// Prompts, data and tools stand in one column, behind the models that read them.
int column_of(std::string_view kind) {
  return kind == "outside" || kind == "interface" ? 0 : kind == "component" ? 1 : kind == "model" ? 2 : 3;
}
std::size_t kind_order(std::string_view kind) {
  return static_cast<std::size_t>(std::find(kKinds.begin(), kKinds.end(), kind) - kKinds.begin());
}

// Colours that keep a contrast of 4.5 to 1 with the text on them.
std::string_view fill_of(std::string_view kind) {
  return kind == "outside"     ? "#ffffff"
         : kind == "interface" ? "#dbe9f6"
         : kind == "component" ? "#e4e2f3"
         : kind == "model"     ? "#dff0df"
         : kind == "prompt"    ? "#f6f0d5"
         : kind == "data"      ? "#f3e3d3"
                               : "#efe0ec";
}

// As much of the text as fits, by columns of a fixed-width guess.
std::string fitted(std::string_view text, std::size_t columns) {
  const std::string safe = base::printable(text);
  if (base::display_width(safe) <= columns) {
    return safe;
  }
  for (std::size_t bytes = columns; bytes > 3; --bytes) {
    const std::string shorter = base::abbreviate(safe, bytes);
    if (base::display_width(shorter) <= columns) {
      return shorter;
    }
  }
  return "…";
}

struct Node {
  std::string id;
  std::string kind;
  std::string label;
  std::string zone;
  std::string told;  ///< For the tooltip.
  std::size_t open = 0;
  std::size_t claimed = 0;
  int x = 0;
  int y = 0;
};

struct ZoneBox {
  std::string id;
  std::string title;
  bool outside = false;
  std::array<std::vector<std::size_t>, 4> columns;
  int x = 0;
  int width = 0;
  int height = 0;
};

class Diagram {
 public:
  Diagram(const ThreatModel& model, std::string_view title) : model_(model), title_(title) {}

  std::string draw() {
    choose_nodes();
    choose_edges();
    fill_zones();
    place();
    return write();
  }

 private:
  // Where an element without a zone stands.
  static std::string zone_of(const ThreatElement& element) {
    return element.kind == "outside" ? "outside/" : element.zone;
  }

  void choose_nodes() {
    std::map<std::string, std::pair<std::size_t, std::size_t>> unmet;  // open, claimed
    for (const evidence::Threat& threat : model_.threats) {
      if (threat.state == ThreatState::open) {
        ++unmet[threat.element].first;
      } else if (threat.state == ThreatState::mitigated_claimed) {
        ++unmet[threat.element].second;
      }
    }
    std::map<std::pair<std::string, std::string>, std::vector<const ThreatElement*>> groups;
    std::size_t total = 0;
    for (const ThreatElement& element : model_.elements) {
      if (kind_order(element.kind) < kKinds.size()) {
        groups[{zone_of(element), element.kind}].push_back(&element);
        ++total;
      }
    }
    std::size_t kept = total;  // of each group; fewer until the whole fits
    const auto drawn = [&] {
      std::size_t sum = 0;
      for (const auto& [key, elements] : groups) {
        sum += elements.size() <= kept ? elements.size() : kept + 1;
      }
      return sum;
    };
    if (total > kMaxDrawn) {
      kept = 16;
      while (kept > 0 && drawn() > kMaxDrawn) {
        --kept;
      }
    }
    for (auto& [key, elements] : groups) {
      std::stable_sort(elements.begin(), elements.end(), [&](const ThreatElement* a, const ThreatElement* b) {
        return unmet[a->id].first > unmet[b->id].first;
      });
      const bool folded = elements.size() > kept;
      Node rest;
      for (std::size_t i = 0; i < elements.size(); ++i) {
        const ThreatElement& element = *elements[i];
        const auto [open, claimed] = unmet[element.id];
        if (folded && i >= kept) {
          rest.open += open;
          rest.claimed += claimed;
          continue;
        }
        places_[element.id] = nodes_.size();
        std::string label = element.kind == "outside" ? element.name : element.id;
        std::string told = element.kind + " " + element.id + (element.name.empty() ? "" : ": " + element.name);
        nodes_.push_back({element.id, element.kind, std::move(label), key.first, std::move(told), open, claimed, 0, 0});
      }
      if (folded) {
        for (std::size_t i = kept; i < elements.size(); ++i) {
          places_[elements[i]->id] = nodes_.size();
        }
        rest.kind = key.second;
        rest.zone = key.first;
        rest.label = std::to_string(elements.size() - kept) + (kept > 0 ? " more of " : " of ") + key.second;
        rest.told = rest.label;
        nodes_.push_back(std::move(rest));
      }
    }
  }

  void choose_edges() {
    for (const ThreatFlow& flow : model_.flows) {
      const auto source = places_.find(flow.source);
      const auto target = places_.find(flow.target);
      if (source == places_.end() || target == places_.end() || source->second == target->second) {
        continue;
      }
      // One line for both directions.
      const bool swapped = source->second > target->second;
      Edge& edge = edges_[std::minmax(source->second, target->second)];
      (swapped ? edge.backward : edge.forward) = true;
      edge.untrusted = edge.untrusted || flow.untrusted;
      const std::string told = flow.source + " to " + flow.target + (flow.data.empty() ? "" : ": " + flow.data) +
                               (flow.untrusted ? " (untrusted)" : "");
      if (edge.told.size() < 400) {
        edge.told += (edge.told.empty() ? "" : "; ") + told;
      }
    }
  }

  void fill_zones() {
    std::set<std::string> ids;
    for (const Node& node : nodes_) {
      ids.insert(node.zone);
    }
    for (const std::string& id : ids) {
      ZoneBox zone;
      zone.id = id;
      zone.outside = id == "outside/";
      zone.title = zone.outside ? "outside" : id.empty() ? "system" : id;
      zones_.push_back(std::move(zone));
    }
    // The outside first; then the zones in which requests arrive, then the others.
    std::map<std::string, bool> entrance;
    for (const Node& node : nodes_) {
      entrance[node.zone] = entrance[node.zone] || node.kind == "interface";
    }
    std::stable_sort(zones_.begin(), zones_.end(), [&](const ZoneBox& a, const ZoneBox& b) {
      return std::tuple(!a.outside, !entrance[a.id]) < std::tuple(!b.outside, !entrance[b.id]);
    });
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (ZoneBox& zone : zones_) {
        if (zone.id == nodes_[i].zone) {
          zone.columns[static_cast<std::size_t>(column_of(nodes_[i].kind))].push_back(i);
        }
      }
    }
    for (ZoneBox& zone : zones_) {
      for (auto& column : zone.columns) {
        std::stable_sort(column.begin(), column.end(), [&](std::size_t a, std::size_t b) {
          return std::tuple(kind_order(nodes_[a].kind), nodes_[a].id) <
                 std::tuple(kind_order(nodes_[b].kind), nodes_[b].id);
        });
      }
    }
  }

  void place() {
    constexpr std::size_t kMaxRows = 14;
    int x = kMargin;
    for (ZoneBox& zone : zones_) {
      zone.x = x;
      int column_x = x + kZonePadding;
      int tallest = 0;
      bool first = true;
      for (const auto& column : zone.columns) {
        for (std::size_t start = 0; start < column.size(); start += kMaxRows) {
          if (!first) {
            column_x += kNodeWidth + kColumnGap;
          }
          first = false;
          const std::size_t end = std::min(column.size(), start + kMaxRows);
          for (std::size_t i = start; i < end; ++i) {
            Node& node = nodes_[column[i]];
            node.x = column_x;
            node.y = kMargin + kZoneTitle + kZonePadding + static_cast<int>(i - start) * (kNodeHeight + kRowGap);
          }
          tallest = std::max(tallest, static_cast<int>(end - start));
        }
      }
      zone.width = column_x + kNodeWidth + kZonePadding - x;
      zone.height = kZoneTitle + 2 * kZonePadding + tallest * (kNodeHeight + kRowGap) - kRowGap;
      height_ = std::max(height_, zone.height);
      x += zone.width + kZoneGap;
    }
    width_ = std::max(x - kZoneGap + kMargin, 460);
    // Shorter columns are centred, so that lines run level.
    for (ZoneBox& zone : zones_) {
      std::map<int, int> lowest;
      for (const auto& column : zone.columns) {
        for (const std::size_t i : column) {
          lowest[nodes_[i].x] = std::max(lowest[nodes_[i].x], nodes_[i].y + kNodeHeight);
        }
      }
      for (const auto& column : zone.columns) {
        for (const std::size_t i : column) {
          nodes_[i].y += (kMargin + height_ - kZonePadding - lowest[nodes_[i].x]) / 2;
        }
      }
      zone.height = height_;
    }
  }

  std::string write() const {
    const int full_height = kMargin + height_ + kLegend;
    std::string out =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " + std::to_string(width_) + " " +
        std::to_string(full_height) + "\" width=\"" + std::to_string(width_) + "\" height=\"" +
        std::to_string(full_height) +
        "\" font-family=\"sans-serif\" font-size=\"12\" aria-labelledby=\"flow-title flow-description\">\n";
    out += "<title id=\"flow-title\">Data flows of " + base::markup_text(title_) + "</title>\n";
    out += "<desc id=\"flow-description\">" + base::counted(nodes_.size(), "element") + " in " +
           base::counted(zones_.size(), "zone") + ", " + base::counted(edges_.size(), "flow") + ".</desc>\n";
    out += "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    for (const ZoneBox& zone : zones_) {
      out += "<g><rect x=\"" + std::to_string(zone.x) + "\" y=\"" + std::to_string(kMargin) + "\" width=\"" +
             std::to_string(zone.width) + "\" height=\"" + std::to_string(zone.height) + "\" rx=\"8\" fill=\"" +
             (zone.outside ? "#fafafa" : "#f4f7fa") +
             "\" stroke=\"#8a2a22\" stroke-width=\"1.4\" stroke-dasharray=\"7 4\"/>" + "<text x=\"" +
             std::to_string(zone.x + 10) + "\" y=\"" + std::to_string(kMargin + 19) +
             "\" font-weight=\"bold\" fill=\"#333333\">" + base::markup_text(fitted(zone.title, 40)) + "</text></g>\n";
    }
    for (const auto& [ends, edge] : edges_) {
      out += line(nodes_[ends.first], nodes_[ends.second], edge);
    }
    for (const Node& node : nodes_) {
      out += box(node);
    }
    return out + legend(kMargin + height_) + "</svg>\n";
  }

  struct Edge {
    bool forward = false;
    bool backward = false;
    bool untrusted = false;
    std::string told;
  };

  static std::string number(int value) { return std::to_string(value); }

  static std::string arrow(int x, int y, int towards) {  // towards: 1 points right, -1 points left
    return "M" + number(x) + " " + number(y) + "l" + number(-8 * towards) + " -4v8z";
  }

  static std::string line(const Node& first, const Node& second, const Edge& edge) {
    const bool rightward = first.x < second.x;
    const bool level = first.x == second.x;
    const int y1 = first.y + kNodeHeight / 2;
    const int y2 = second.y + kNodeHeight / 2;
    const int x1 = rightward ? first.x + kNodeWidth : first.x;
    const int x2 = rightward ? second.x : level ? second.x : second.x + kNodeWidth;
    const int bend = level ? -46 : (rightward ? 1 : -1) * std::clamp(std::abs(x2 - x1) / 2, 24, 160);
    const int bend2 = level ? -46 : -bend;
    const std::string colour = edge.untrusted ? "#b3261e" : "#51606f";
    std::string out = "<g><title>" + base::markup_text(edge.told) + "</title><path d=\"M" + number(x1) + " " +
                      number(y1) + "C" + number(x1 + bend) + " " + number(y1) + " " + number(x2 + bend2) + " " +
                      number(y2) + " " + number(x2) + " " + number(y2) + "\" fill=\"none\" stroke=\"" + colour +
                      "\" stroke-width=\"" + (edge.untrusted ? "2" : "1.2") + "\"/>";
    std::string heads;
    if (edge.forward) {
      heads += arrow(x2, y2, level || rightward ? 1 : -1);
    }
    if (edge.backward) {
      heads += arrow(x1, y1, level ? 1 : rightward ? -1 : 1);
    }
    return out + "<path d=\"" + heads + "\" fill=\"" + colour + "\"/></g>\n";
  }

  static std::string box(const Node& node) {
    const std::string x = number(node.x);
    const std::string y = number(node.y);
    std::string out = "<g><title>" + base::markup_text(node.told) + "</title><rect x=\"" + x + "\" y=\"" + y +
                      "\" width=\"" + number(kNodeWidth) + "\" height=\"" + number(kNodeHeight) + "\" rx=\"" +
                      (node.kind == "data" || node.kind == "prompt" ? "2" : "9") + "\" fill=\"" +
                      std::string(fill_of(node.kind)) + "\" stroke=\"#333333\"/>";
    out += "<text x=\"" + number(node.x + 9) + "\" y=\"" + number(node.y + 19) + "\" fill=\"#111111\">" +
           base::markup_text(fitted(node.label, 21)) + "</text>";
    out += "<text x=\"" + number(node.x + 9) + "\" y=\"" + number(node.y + 36) +
           "\" font-size=\"10\" fill=\"#444444\">" + base::markup_text(node.kind) + "</text>";
    int badge = node.x + kNodeWidth - 13;
    const auto add = [&](std::size_t count, const char* colour, const char* said) {
      if (count == 0) {
        return;
      }
      out += "<g><title>" + std::to_string(count) + " " + said + "</title><circle cx=\"" + number(badge) + "\" cy=\"" +
             number(node.y + kNodeHeight - 13) + "\" r=\"9\" fill=\"" + colour + "\"/><text x=\"" + number(badge) +
             "\" y=\"" + number(node.y + kNodeHeight - 9) +
             "\" font-size=\"10\" text-anchor=\"middle\" fill=\"#ffffff\">" +
             (count > 99 ? std::string("99+") : std::to_string(count)) + "</text></g>";
      badge -= 21;
    };
    add(node.open, "#b3261e", "open threats");
    add(node.claimed, "#8a5a00", "threats claimed to be met, without evidence");
    return out + "</g>\n";
  }

  std::string legend(int y) const {
    const int line_y = y + 26;
    const std::string text = "\" font-size=\"11\" fill=\"#333333\">";
    std::string out = "<g><path d=\"M" + number(kMargin) + " " + number(line_y) +
                      "h36\" stroke=\"#b3261e\" stroke-width=\"2\"/><text x=\"" + number(kMargin + 44) + "\" y=\"" +
                      number(line_y + 4) + text + "untrusted content</text>";
    out += "<path d=\"M" + number(kMargin + 160) + " " + number(line_y) +
           "h36\" stroke=\"#51606f\" stroke-width=\"1.2\"/><text x=\"" + number(kMargin + 204) + "\" y=\"" +
           number(line_y + 4) + text + "other flow</text>";
    out += "<path d=\"M" + number(kMargin + 280) + " " + number(line_y) +
           "h36\" stroke=\"#8a2a22\" stroke-width=\"1.4\" stroke-dasharray=\"7 4\"/><text x=\"" +
           number(kMargin + 324) + "\" y=\"" + number(line_y + 4) + text + "trust boundary</text>";
    out += "<circle cx=\"" + number(kMargin + 9) + "\" cy=\"" + number(line_y + 24) +
           "\" r=\"8\" fill=\"#b3261e\"/><text x=\"" + number(kMargin + 24) + "\" y=\"" + number(line_y + 28) + text +
           "open threats</text>";
    out += "<circle cx=\"" + number(kMargin + 119) + "\" cy=\"" + number(line_y + 24) +
           "\" r=\"8\" fill=\"#8a5a00\"/><text x=\"" + number(kMargin + 134) + "\" y=\"" + number(line_y + 28) + text +
           "claimed to be met, without evidence</text></g>\n";
    return out;
  }

  const ThreatModel& model_;
  std::string_view title_;
  std::vector<Node> nodes_;
  std::map<std::string, std::size_t> places_;
  std::map<std::pair<std::size_t, std::size_t>, Edge> edges_;
  std::vector<ZoneBox> zones_;
  int width_ = 0;
  int height_ = 0;
};

}  // namespace

std::string render_diagram(const ThreatModel& model, std::string_view title) {
  return Diagram(model, title).draw();
}

std::string render_section(const ThreatModel& model, std::string_view title) {
  std::vector<const evidence::Threat*> unmet;
  for (const evidence::Threat& threat : model.threats) {
    if (threat.state != ThreatState::mitigated_proved && threat.state != ThreatState::not_applicable) {
      unmet.push_back(&threat);
    }
  }
  std::stable_sort(unmet.begin(), unmet.end(), [](const auto* a, const auto* b) {
    return std::tuple(a->state != ThreatState::open, b->likelihood * b->impact) <
           std::tuple(b->state != ThreatState::open, a->likelihood * a->impact);
  });
  std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Diagram of data flows\">\n" +
                    render_diagram(model, title) + "</div>\n";
  out += "<p>" + base::counted(model.threats.size(), "threat") + " derived, " + std::to_string(unmet.size()) +
         " not met by evidence.";
  if (unmet.size() > kMaxSectionRows) {
    out += " The first " + std::to_string(kMaxSectionRows) + " are shown; <code>surety threats</code> lists all.";
    unmet.resize(kMaxSectionRows);
  }
  out += "</p>\n";
  if (unmet.empty()) {
    return out;
  }
  out +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Threats that are not met\"><table "
      "class=\"stack\">\n<caption>Threats that no evidence shows to be met.</caption>\n<thead><tr><th "
      "scope=\"col\">Threat</th><th scope=\"col\">Risk</th><th scope=\"col\">State</th><th scope=\"col\">What happens, "
      "and why</th></tr></thead>\n<tbody>\n";
  for (const auto* threat : unmet) {
    out += "<tr><th scope=\"row\">" + base::markup_text(threat->id) + "</th><td>" + std::string(threat->risk()) +
           "</td><td>" + std::string(to_string(threat->state)) + "</td><td>" + base::markup_text(threat->title) + ": " +
           base::markup_text(threat->reason) + "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace threats
