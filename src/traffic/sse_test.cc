#include "traffic/sse.h"

#include <gtest/gtest.h>

#include <vector>

namespace traffic {
namespace {

struct Told {
  std::string event;
  std::string data;
  bool operator==(const Told&) const = default;
};

std::vector<Told> read(std::string_view stream, std::size_t step, std::string* raw = nullptr) {
  ServerEventReader reader;
  ServerEvent event;
  std::vector<Told> out;
  const auto take = [&] {
    for (;;) {
      const auto more = reader.next(event);
      EXPECT_TRUE(more);
      if (!*more) {
        return;
      }
      if (raw != nullptr) {
        *raw += event.raw;
      }
      if (event.has_data) {
        out.push_back({std::string(event.event), std::string(event.data)});
      }
    }
  };
  for (std::size_t at = 0; at < stream.size(); at += step) {
    reader.feed(stream.substr(at, step));
    take();
  }
  reader.end();
  take();
  return out;
}

TEST(ServerEventReader, ReadsEveryLineEndWhereverItIsCut) {
  const std::string stream =
      "\xEF\xBB\xBF"
      "data: first\n\n: comment\n\nevent: e\r\ndata: two\r\ndata: lines\r\n\r\ndata:third\r\rid: 7\n"
      "data:  spaced\n\ndata\n\nretry: 3\n\nevent: no data\n\ndata: \xE2\x82\xAC\n\ndata: last";
  const std::vector<Told> wanted = {{"", "first"}, {"e", "two\nlines"},  {"", "third"}, {"", " spaced"},
                                    {"", ""},      {"", "\xE2\x82\xAC"}, {"", "last"}};
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    std::string raw;
    EXPECT_EQ(read(stream, step, &raw), wanted) << step;
    EXPECT_EQ(raw, stream) << step;
  }
}

TEST(ServerEventReader, GivesAnEventAsSoonAsItsBlankLineHasBegun) {
  ServerEventReader reader;
  ServerEvent event;
  reader.feed("data: a\r\n\r");
  ASSERT_TRUE(*reader.next(event));
  EXPECT_EQ(event.data, "a");
  reader.feed("\ndata: b\r\n\r\n");
  ASSERT_TRUE(*reader.next(event));
  EXPECT_EQ(event.data, "b");
  EXPECT_EQ(event.raw, "\ndata: b\r\n\r\n");
  EXPECT_FALSE(*reader.next(event));
}

TEST(ServerEventReader, RefusesEventsWithoutEnd) {
  ServerEventReader reader(100);
  ServerEvent event;
  reader.feed("data: " + std::string(90, 'x'));
  EXPECT_FALSE(*reader.next(event));
  reader.feed(std::string(10, 'x'));
  EXPECT_FALSE(reader.next(event));
}

TEST(AppendWithData, KeepsAllOtherLines) {
  std::string out;
  append_with_data("id: 1\r\nevent: e\r\ndata: a\r\n: c\r\ndata: b\r\n\r\n", "{}", out);
  EXPECT_EQ(out, "id: 1\r\nevent: e\r\ndata: {}\r\n: c\r\n\r\n");
}

}  // namespace
}  // namespace traffic
