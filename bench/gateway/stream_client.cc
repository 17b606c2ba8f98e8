// A client for measuring streams through proxies: opens N streams at once by epoll, in one thread, and measures each
// delta from the server's write (the "sent" that gateway_upstream puts into it) to its own read.
//
//   gateway_stream_client PORT STREAMS BODY_FILE [FIELD_LINE...]
//
// Prints one line of JSON: streams that came whole, deltas, delays and the longest gap in one stream, in nanoseconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

long long now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

struct Stream {
  int fd = -1;
  std::string in;
  long long last = 0;
  int deltas = 0;
  bool ended = false;
};

struct Figures {
  std::vector<long long> delays;
  long long longest_gap = 0;
};

// Takes what has come; false once the stream has ended.
bool take(Stream& stream, Figures& figures) {
  char buffer[16384];
  const ssize_t got = ::recv(stream.fd, buffer, sizeof buffer, 0);
  if (got < 0) {
    return errno == EAGAIN;
  }
  const long long now = now_ns();
  stream.in.append(buffer, static_cast<std::size_t>(got));
  constexpr std::string_view kSent = "\"sent\":";
  std::size_t done = 0;
  for (std::size_t at = stream.in.find(kSent); at != std::string::npos; at = stream.in.find(kSent, at + 1)) {
    const std::size_t end = stream.in.find('}', at);
    if (end == std::string::npos) {
      break;
    }
    figures.delays.push_back(now - std::strtoll(stream.in.c_str() + at + kSent.size(), nullptr, 10));
    if (stream.last != 0) {
      figures.longest_gap = std::max(figures.longest_gap, now - stream.last);
    }
    stream.last = now;
    ++stream.deltas;
    done = end;
  }
  stream.ended = stream.in.find("\r\n0\r\n\r\n", done) != std::string::npos;
  const std::size_t open = stream.in.rfind(kSent);
  if (open == std::string::npos || open < done) {
    stream.in.erase(0, std::max(done, stream.in.size() - std::min<std::size_t>(stream.in.size(), 16)));
  }
  return got > 0 && !stream.ended;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::fprintf(stderr, "usage: gateway_stream_client PORT STREAMS BODY_FILE [FIELD_LINE...]\n");
    return 2;
  }
  const auto port = static_cast<std::uint16_t>(std::atoi(words[1]));
  std::vector<Stream> streams(static_cast<std::size_t>(std::max(1, std::atoi(words[2]))));
  std::ifstream file(words[3], std::ios::binary);
  const std::string body((std::istreambuf_iterator<char>(file)), {});
  std::string request =
      "POST /v1/chat/completions/stream HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n";
  for (int i = 4; i < count; ++i) {
    request += std::string(words[i]) + "\r\n";
  }
  request += "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);

  const int epoll = epoll_create1(0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Figures figures;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    streams[i].fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(streams[i].fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        send(streams[i].fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
      std::perror("gateway_stream_client");
      return 5;
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(epoll, EPOLL_CTL_ADD, streams[i].fd, &event);
  }
  std::size_t open = streams.size();
  std::vector<epoll_event> events(1024);
  while (open > 0) {
    const int ready = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 60'000);
    if (ready <= 0) {
      break;  // nothing for a minute
    }
    for (int i = 0; i < ready; ++i) {
      Stream& stream = streams[events[static_cast<std::size_t>(i)].data.u64];
      if (!take(stream, figures)) {
        close(stream.fd);
        --open;
      }
    }
  }
  const auto whole = std::count_if(streams.begin(), streams.end(), [](const Stream& stream) { return stream.ended; });
  std::sort(figures.delays.begin(), figures.delays.end());
  const auto at = [&](std::size_t share) {
    return figures.delays.empty() ? 0 : figures.delays[(figures.delays.size() - 1) * share / 1000];
  };
  int least = streams.front().deltas;
  for (const Stream& stream : streams) {
    least = std::min(least, stream.deltas);
  }
  std::printf(
      "{\"whole\": %lld, \"deltas\": %zu, \"least_deltas\": %d, \"p50\": %lld, \"p99\": %lld, \"most\": %lld, "
      "\"longest_gap\": %lld}\n",
      static_cast<long long>(whole), figures.delays.size(), least, at(500), at(990), at(1000), figures.longest_gap);
  return 0;
}
