#include "traffic/channel.h"

#include <algorithm>

#include "base/text.h"

namespace traffic {
namespace {

constexpr std::size_t kTrimBytes = 2048;  // how much is let pile up before what nobody needs is thrown away

void append_utf8(std::uint32_t character, std::string& out) {
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += static_cast<char>(0xC0 | character >> 6);
    out += static_cast<char>(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    out += static_cast<char>(0xE0 | character >> 12);
    out += static_cast<char>(0x80 | (character >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (character & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | character >> 18);
    out += static_cast<char>(0x80 | (character >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (character >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (character & 0x3F));
  }
}

char plain_escape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return c;  // a quote, a slash, a backslash; anything else is not JSON and stands for itself
  }
}

}  // namespace

TextChannel::TextChannel(const Inspection& inspection, Origin origin, bool is_json, bool may_change, std::string place)
    : inspection_(inspection),
      origin_(origin),
      is_json_(is_json),
      may_change_(may_change),
      guarded_(inspection.guards(origin)),
      guard_holds_(guarded_ && inspection.policy().rule(Detector::guard).action >= Action::redact),
      place_(std::move(place)),
      open_(inspection.open_rules(origin)),
      finder_(inspection.detectors(origin)) {}

void TextChannel::decode(char c) {
  const auto at = static_cast<std::uint32_t>(source_size_++);
  const auto show = [&](std::uint32_t from) {
    from_.resize(view_.size(), from);
    within_.resize(view_.size(), in_text_);
  };
  if (!escape_.empty()) {
    escape_ += c;
    if (escape_.size() == 2 && c != 'u') {
      high_surrogate_ = 0;
      view_ += plain_escape(c);
      show(escape_at_);
      escape_.clear();
    } else if (escape_.size() > 2) {
      if (base::hex_value(c) < 0) {  // not JSON; shown as it is
        view_ += escape_;
        show(escape_at_);
        escape_.clear();
      } else if (escape_.size() == 6) {
        std::uint32_t unit = 0;
        for (const char digit : std::string_view(escape_).substr(2)) {
          unit = unit * 16 + static_cast<std::uint32_t>(base::hex_value(digit));
        }
        escape_.clear();
        if (unit >= 0xD800 && unit < 0xDC00) {
          high_surrogate_ = unit;
          high_at_ = escape_at_;
          return;
        }
        if (unit >= 0xDC00 && unit < 0xE000 && high_surrogate_ != 0) {
          append_utf8(0x10000 + ((high_surrogate_ - 0xD800) << 10) + (unit - 0xDC00), view_);
          show(high_at_);
        } else {
          append_utf8(unit, view_);
          show(escape_at_);
        }
        high_surrogate_ = 0;
      }
    }
    return;
  }
  if (in_text_ && c == '\\') {
    escape_ = c;
    escape_at_ = at;
    return;
  }
  if (high_surrogate_ != 0) {
    high_surrogate_ = 0;  // alone it stands for nothing
    append_utf8(0xFFFD, view_);
    show(high_at_);
  }
  if (c == '"') {
    in_text_ = !in_text_;
    view_ += c;
    from_.resize(view_.size(), at);
    within_.resize(view_.size(), false);
    return;
  }
  view_ += c;
  show(at);
}

void TextChannel::append(std::string_view piece) {
  if (!is_json_) {
    view_ += piece;
    source_size_ += piece.size();
    return;
  }
  for (const char c : piece) {
    decode(c);
  }
}

std::uint64_t TextChannel::source_of(std::uint64_t view) const {
  if (!is_json_) {
    return view;
  }
  const auto at = static_cast<std::size_t>(view - offset_);
  if (at < from_.size()) {
    return from_[at];
  }
  return high_surrogate_ != 0 ? high_at_ : !escape_.empty() ? escape_at_ : source_size_;
}

void TextChannel::ask_guard(bool at_end, std::vector<BlockFinding>& findings) {
  if (!guarded_) {
    return;
  }
  const std::uint64_t all = offset_ + view_.size();
  while (all > guarded_to_ && (at_end || all - guarded_to_ >= kGuardStep)) {
    const std::uint64_t end = guarded_to_ + std::min<std::uint64_t>(all - guarded_to_, kGuardStep);
    const std::uint64_t begin =
        std::max({text_begin_, offset_, end > kGuardWindow ? end - kGuardWindow : std::uint64_t{0}});
    // What has left cannot be changed: the finding is about the rest.
    const std::uint64_t from = std::max(begin, settled_);
    inspection_.guard(std::string_view(view_).substr(static_cast<std::size_t>(begin - offset_),
                                                     static_cast<std::size_t>(end - begin)),
                      origin_, from - offset_, std::max(from, end) - offset_, findings);
    guarded_to_ = end;
  }
}

void TextChannel::feed(std::string_view piece, std::vector<BlockFinding>& findings) {
  append(piece);
  follow_key();
  const std::size_t first = findings.size();
  ask_guard(false, findings);
  std::size_t open = open_.open_from(view_, offset_);
  if (inspection_.patterns() != nullptr) {
    open = std::min(open, inspection_.patterns()->open_from(view_));
  }
  if (guard_holds_) {
    open = std::min(open, static_cast<std::size_t>(guarded_to_ - offset_));
  }
  settle(open, findings, first);
}

void TextChannel::finish(std::vector<BlockFinding>& findings) {
  if (is_json_ && !escape_.empty()) {  // broken off; shown as it is
    view_ += escape_;
    from_.resize(view_.size(), escape_at_);
    within_.resize(view_.size(), in_text_);
    escape_.clear();
  }
  high_surrogate_ = 0;
  const std::size_t first = findings.size();
  ask_guard(true, findings);
  settle(view_.size(), findings, first);
  settled_source_ = source_size_;
  text_begin_ = guarded_to_ = offset_ + view_.size();
  in_text_ = false;
}

void TextChannel::settle(std::size_t to, std::vector<BlockFinding>& findings, std::size_t first) {
  const auto from = static_cast<std::size_t>(settled_ - offset_);
  if (to <= from && findings.size() == first) {
    return;
  }
  to = std::max(to, from);
  if (to > from) {
    const bool has_more = findings.size() > first;
    inspection_.find_settled(finder_, view_, offset_, from, to, origin_, findings);
    if (has_more) {
      std::stable_sort(findings.begin() + static_cast<std::ptrdiff_t>(first), findings.end(),
                       [](const BlockFinding& a, const BlockFinding& b) { return a.begin < b.begin; });
    }
  }
  for (std::size_t i = first; i < findings.size(); ++i) {
    BlockFinding& one = findings[i];
    one.begin += offset_;
    one.end += offset_;
    one.place = place_;
    if (one.action == Action::redact && !may_change_) {
      one.action = inspection_.policy().in_sealed_text;
    }
    action_ = std::max(action_.value_or(Action::observe), one.action);
    if (one.action != Action::redact) {
      continue;
    }
    const std::uint64_t start = std::max(one.begin, covered_);
    if (one.end > start) {
      redact(start, one.end, one.begin >= covered_ ? redaction_mark(one) : "");
      covered_ = one.end;
    }
    if (one.name == inspect::kPrivateKey) {
      key_.emplace();
      key_to_ = one.end;
      follow_key();
    }
  }
  settled_ = offset_ + to;
  settled_source_ = source_of(settled_);
  // What lies far enough back is looked at no more.
  auto kept =
      static_cast<std::size_t>(settled_ - offset_) -
      std::min<std::size_t>(static_cast<std::size_t>(settled_ - offset_), inspect::OpenMatches::kLookBehind + 160);
  if (guarded_) {
    const auto windowed = static_cast<std::size_t>(guarded_to_ - offset_);
    kept = std::min(kept, windowed - std::min(windowed, kGuardWindow));
  }
  if (kept >= kTrimBytes) {
    view_.erase(0, kept);
    if (is_json_) {
      from_.erase(from_.begin(), from_.begin() + static_cast<std::ptrdiff_t>(kept));
      within_.erase(within_.begin(), within_.begin() + static_cast<std::ptrdiff_t>(kept));
    }
    offset_ += kept;
  }
}

void TextChannel::follow_key() {
  if (!key_ || key_->has_ended()) {
    return;
  }
  const std::string_view rest = std::string_view(view_).substr(static_cast<std::size_t>(key_to_ - offset_));
  const std::size_t taken = key_->take(rest);
  if (taken > 0) {
    const std::uint64_t end = key_to_ + taken;
    if (end > covered_) {
      redact(std::max(key_to_, covered_), end, "");
      covered_ = end;
    }
    key_to_ = end;
  }
}

void TextChannel::redact(std::uint64_t begin, std::uint64_t end, const std::string& mark) {
  if (!is_json_) {
    drop(begin, end, mark);
    return;
  }
  // Only what stands within texts goes, so that what is left is JSON; numbers become a text.
  bool marked = mark.empty();
  const auto last = static_cast<std::size_t>(end - offset_);
  for (auto i = static_cast<std::size_t>(begin - offset_); i < last;) {
    const std::size_t first = i;
    const bool within = within_[i];
    const auto is_scalar = [&](std::size_t at) {
      const char c = view_[at];
      return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    };
    const bool scalar = !within && is_scalar(i);
    while (i < last && within_[i] == within && (within || is_scalar(i) == scalar)) {
      ++i;
    }
    if (!within && !scalar) {
      continue;
    }
    const std::string text = marked ? "" : mark;
    drop(source_of(offset_ + first), source_of(offset_ + i), within ? text : "\"" + text + "\"");
    marked = true;
  }
}

void TextChannel::drop(std::uint64_t begin, std::uint64_t end, std::string mark) {
  if (!edits_.empty() && mark.empty() && edits_.back().end == begin) {
    edits_.back().end = end;
    return;
  }
  edits_.push_back({begin, end, std::move(mark)});
}

bool TextChannel::is_edited(std::uint64_t begin, std::uint64_t end) const {
  return std::any_of(edits_.begin(), edits_.end(),
                     [&](const Edit& edit) { return edit.begin < end && edit.end > begin; });
}

std::string TextChannel::edited(std::uint64_t begin, std::string_view piece) const {
  std::string out;
  const std::uint64_t end = begin + piece.size();
  std::uint64_t at = begin;
  for (const Edit& edit : edits_) {
    if (edit.end <= at || edit.begin >= end) {
      continue;
    }
    if (edit.begin >= at) {
      out += piece.substr(static_cast<std::size_t>(at - begin), static_cast<std::size_t>(edit.begin - at));
      out += edit.mark;
    }
    at = std::min(edit.end, end);
  }
  out += piece.substr(static_cast<std::size_t>(at - begin));
  return out;
}

void TextChannel::forget(std::uint64_t before) {
  std::erase_if(edits_, [&](const Edit& edit) { return edit.end <= before; });
}

}  // namespace traffic
