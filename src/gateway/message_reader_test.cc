#include "gateway/message_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gateway {
namespace {

using Event = MessageReader::Event;
using Kind = MessageReader::Kind;

struct Seen {
  std::vector<Event> events;
  std::string head;  ///< "METHOD TARGET" or the status.
  std::string body;
  std::size_t consumed = 0;
};

// Gives `bytes` in parts of `step`, keeping what was not consumed, as a connection does.
Seen read_all(MessageReader& reader, std::string_view bytes, std::size_t step) {
  Seen seen;
  std::string buffer;
  while (!bytes.empty() || !buffer.empty()) {
    buffer.append(bytes.substr(0, step));
    const bool last = bytes.size() <= step;
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (;;) {
      std::size_t consumed = 0;
      const Event event = reader.next(buffer, consumed);
      if (event == Event::head) {
        seen.head = reader.status() != 0 ? std::to_string(reader.status())
                                         : std::string(reader.method()) + " " + std::string(reader.target());
      } else if (event == Event::data) {
        seen.body += reader.data();
      }
      seen.consumed += consumed;
      buffer.erase(0, consumed);
      if (event == Event::more) {
        break;
      }
      if (event != Event::data || seen.events.empty() || seen.events.back() != Event::data) {
        seen.events.push_back(event);
      }
      if (event == Event::end || event == Event::bad) {
        return seen;
      }
    }
    if (last) {
      return seen;
    }
  }
  return seen;
}

Seen read_request(std::string_view bytes, std::size_t step = 1 << 20) {
  MessageReader reader(Kind::request, {});
  return read_all(reader, bytes, step);
}

TEST(MessageReader, ReadsARequestWithABodyInEverySplit) {
  const std::string text =
      "POST /v1/chat?x=1 HTTP/1.1\r\nHost: a\r\nX-Y: z\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n";
  for (std::size_t step = 1; step < text.size(); ++step) {
    SCOPED_TRACE(step);
    const Seen seen = read_request(text, step);
    EXPECT_EQ(seen.head, "POST /v1/chat?x=1");
    EXPECT_EQ(seen.body, "hello");
    EXPECT_EQ(seen.events, (std::vector{Event::head, Event::data, Event::end}));
    EXPECT_EQ(seen.consumed, text.find("GET"));
  }
}

TEST(MessageReader, ReadsAChunkedBodyInEverySplitAndDropsItsTrailers) {
  const std::string text =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;name=value\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    SCOPED_TRACE(step);
    MessageReader reader(Kind::request, {});
    const Seen seen = read_all(reader, text, step);
    EXPECT_EQ(seen.body, "hello!");
    EXPECT_EQ(seen.events.back(), Event::end);
    EXPECT_EQ(seen.consumed, text.size());
    EXPECT_EQ(reader.fields().size(), 2U);
  }
}

TEST(MessageReader, ReadsAnEmptyChunkedBodyInEverySplit) {
  const std::string text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    SCOPED_TRACE(step);
    EXPECT_EQ(read_request(text, step).events, (std::vector{Event::head, Event::end}));
  }
}

TEST(MessageReader, IsNeverDoneWithATruncatedRequest) {
  const std::string text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t kept = 0; kept < text.size(); ++kept) {
    SCOPED_TRACE(kept);
    const Seen seen = read_request(text.substr(0, kept));
    EXPECT_TRUE(seen.events.empty() || (seen.events.back() != Event::end && seen.events.back() != Event::bad));
  }
}

struct Hostile {
  const char* what;
  std::string text;
};

// Requests that two servers may read as different ones.
std::vector<Hostile> smuggling() {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  return {
      {"both lengths", post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"both lengths, the other way round", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"},
      {"two lengths", post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"},
      {"two equal lengths", post + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"},
      {"a list of lengths", post + "Content-Length: 4, 4\r\n\r\nabcd"},
      {"a length with a sign", post + "Content-Length: +4\r\n\r\nabcd"},
      {"a negative length", post + "Content-Length: -4\r\n\r\nabcd"},
      {"a hexadecimal length", post + "Content-Length: 0x4\r\n\r\nabcd"},
      {"no length", post + "Content-Length: \r\n\r\nabcd"},
      {"a length that overflows", post + "Content-Length: 18446744073709551620\r\n\r\nabcd"},
      {"a length with a space in it", post + "Content-Length: 1 0\r\n\r\nabcd"},
      {"another coding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
      {"two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
      {"a misspelt coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {"a coding with a tab", post + "Transfer-Encoding: \x0b"
                                     "chunked\r\n\r\n0\r\n\r\n"},
      {"a quoted coding", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"},
      {"a blank before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"},
      {"a blank before a name", post + " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"a field folded over lines", post + "X: a\r\n b\r\n\r\n"},
      {"a coding folded over lines", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
      {"a first field folded over lines", "POST / HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"a name that is folded", post + "X\r\n: a\r\n\r\n"},
      {"a field without a colon", post + "Content-Length 4\r\n\r\nabcd"},
      {"an empty name", post + ": a\r\n\r\n"},
      {"a nul in a value", post + std::string("X: a\0b\r\n\r\n", 10)},
      {"a nul in a name", post + std::string("X\0Y: b\r\n\r\n", 10)},
      {"a bare carriage return", post + "X: a\rContent-Length: 4\r\n\r\n"},
      {"bare line feeds", "POST / HTTP/1.1\nHost: a\n\n"},
      {"a bare line feed in a head", post + "X: a\nContent-Length: 4\r\n\r\nabcd"},
      {"no Host", "POST / HTTP/1.1\r\nX: a\r\n\r\n"},
      {"two Hosts", post + "Host: b\r\n\r\n"},
      {"chunked before HTTP/1.1", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"HTTP/2.0 in a request line", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
      {"no version", "GET /\r\nHost: a\r\n\r\n"},
      {"two blanks in a request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a tab in a request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a blank in a target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a control character in a target", "GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a method that is no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"an empty line before the request", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a TLS client hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12)},
  };
}

TEST(MessageReader, RefusesWhatTwoServersMayReadDifferently) {
  for (const Hostile& hostile : smuggling()) {
    SCOPED_TRACE(hostile.what);
    MessageReader reader(Kind::request, {});
    const Seen seen = read_all(reader, hostile.text, 1 << 20);
    ASSERT_FALSE(seen.events.empty());
    EXPECT_EQ(seen.events.back(), Event::bad);
    EXPECT_FALSE(reader.reason().empty());
    // However the bytes come.
    MessageReader slow(Kind::request, {});
    EXPECT_EQ(read_all(slow, hostile.text, 1).events.back(), Event::bad);
  }
}

TEST(MessageReader, RefusesAHeadThatEndsBeforeItsStartLineDoes) {
  for (const std::string_view text : {"UOS\r\n\r\n", "H\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 \r\n\r\nmore"}) {
    for (const Kind kind : {Kind::request, Kind::response}) {
      for (std::size_t step = 1; step <= text.size(); ++step) {
        MessageReader reader(kind, {});
        EXPECT_EQ(read_all(reader, text, step).events, std::vector{Event::bad}) << text << step;
        EXPECT_FALSE(reader.reason().empty());
      }
    }
  }
}

TEST(MessageReader, RefusesBadChunks) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& body :
       {std::string("x\r\nhello\r\n0\r\n\r\n"), std::string("-1\r\nhello\r\n0\r\n\r\n"),
        std::string("10000000000000005\r\nhello\r\n0\r\n\r\n"), std::string("5\nhello\r\n0\r\n\r\n"),
        std::string("5\r\nhelloX\r\n0\r\n\r\n"), std::string("5\r\nhello0\r\n\r\n0\r\n\r\n"),
        std::string("0x5\r\nhello\r\n0\r\n\r\n"), std::string(" 5\r\nhello\r\n0\r\n\r\n"),
        std::string("5 \r\nhello\r\n0\r\nX\r\n\r\n"), std::string("5\r\nhello\r\n0\r\nA B: 1\r\n\r\n")}) {
    SCOPED_TRACE(body);
    const Seen seen = read_request(head + body);
    EXPECT_EQ(seen.events.back(), Event::bad);
  }
}

TEST(MessageReader, RefusesHeadsAboveItsLimits) {
  MessageReader reader(Kind::request, {.head_bytes = 1024, .fields = 4});
  std::string long_head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(2000, 'a');
  Seen seen = read_all(reader, long_head, 100);
  EXPECT_EQ(seen.events, std::vector{Event::bad});
  EXPECT_EQ(reader.fault(), MessageReader::Fault::too_large);

  MessageReader exact(Kind::request, {.head_bytes = 1024, .fields = 4});
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  head += std::string(1024 - head.size() - 4, 'a') + "\r\n\r\n";
  EXPECT_EQ(read_all(exact, head, 7).events.back(), Event::end);
  MessageReader above(Kind::request, {.head_bytes = 1023, .fields = 4});
  EXPECT_EQ(read_all(above, head, 7).events.back(), Event::bad);

  MessageReader many(Kind::request, {.head_bytes = 1024, .fields = 4});
  seen = read_all(many, "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n", 1000);
  EXPECT_EQ(seen.events, std::vector{Event::bad});
  EXPECT_EQ(many.fault(), MessageReader::Fault::too_large);
}

TEST(MessageReader, ReadsAnswersByLengthByChunksAndToTheEnd) {
  MessageReader reader(Kind::response, {});
  Seen seen = read_all(reader, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 3);
  EXPECT_EQ(seen.head, "200");
  EXPECT_EQ(seen.body, "hi");
  EXPECT_EQ(seen.events.back(), Event::end);
  EXPECT_TRUE(reader.keep_alive());

  reader.start();
  seen = read_all(reader, "HTTP/1.1 200 OK\r\n\r\nhi", 3);
  EXPECT_EQ(seen.body, "hi");
  EXPECT_EQ(seen.events.back(), Event::data);
  EXPECT_FALSE(reader.keep_alive());
  EXPECT_EQ(reader.end_of_stream(), Event::end);

  reader.start();
  static_cast<void>(read_all(reader, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", 100));
  EXPECT_EQ(reader.end_of_stream(), Event::bad);

  reader.start(true);  // the answer to HEAD
  seen = read_all(reader, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 100);
  EXPECT_EQ(seen.events.back(), Event::end);

  reader.start();
  EXPECT_EQ(reader.end_of_stream(), Event::bad);
}

TEST(MessageReader, ReadsOneMessageAfterAnother) {
  MessageReader reader(Kind::request, {});
  for (int i = 0; i < 3; ++i) {
    const Seen seen = read_all(reader, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", 5);
    EXPECT_EQ(seen.events, (std::vector{Event::head, Event::end}));
    reader.start();
    EXPECT_FALSE(reader.started());
  }
}

}  // namespace
}  // namespace gateway
