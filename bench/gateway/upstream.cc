// A server for measuring proxies: answers every request with the same bytes, by epoll, in one thread.
//
//   gateway_upstream [--answer BYTES] [--deltas N] [--pause-ms M] [--word TEXT]    prints its port, then serves until
//   killed
//
// A request whose target ends in /stream gets an event stream of N deltas, M milliseconds apart, each with the time it
// was sent (nanoseconds of the monotonic clock). It reads Content-Length and chunked bodies; it is no checker of HTTP.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

long long now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

struct Connection {
  std::string in;
  std::string out;
  int deltas_left = 0;
  long long next_delta_ns = 0;
};

struct Server {
  std::string answer;
  int deltas = 64;
  long long pause_ns = 20'000'000;
  std::string word = "paragraph ";  // the text of each delta
  int epoll = -1;
  int streams = 0;  // under way
  std::unordered_map<int, Connection> connections;

  // The size of a complete request at the front; 0 where it is not all there.
  static std::size_t request_size(std::string_view in) {
    const std::size_t head = in.find("\r\n\r\n");
    if (head == std::string_view::npos) {
      return 0;
    }
    std::string lower(in.substr(0, head));
    for (char& c : lower) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    const std::size_t length = lower.find("\r\ncontent-length:");
    if (length != std::string::npos) {
      const std::size_t size = head + 4 + std::strtoull(lower.c_str() + length + 17, nullptr, 10);
      return in.size() >= size ? size : 0;
    }
    if (lower.find("\r\ntransfer-encoding: chunked") != std::string::npos) {
      const std::size_t end = in.find("\r\n0\r\n\r\n", head);
      return end == std::string_view::npos ? 0 : end + 7;
    }
    return head + 4;
  }

  void write_out(int fd, Connection& connection) {
    while (!connection.out.empty()) {
      const ssize_t sent = ::send(fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        break;
      }
      connection.out.erase(0, static_cast<std::size_t>(sent));
    }
    epoll_event event{};
    event.events = EPOLLIN | (connection.out.empty() ? 0U : static_cast<unsigned>(EPOLLOUT));
    event.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  }

  void close_connection(int fd) {
    ::close(fd);
    streams -= connections[fd].deltas_left > 0 ? 1 : 0;
    connections.erase(fd);
  }

  void on_readable(int fd) {
    Connection& connection = connections[fd];
    char buffer[65536];
    for (;;) {
      const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
      if (got == 0 || (got < 0 && errno != EAGAIN)) {
        close_connection(fd);
        return;
      }
      if (got < 0) {
        break;
      }
      connection.in.append(buffer, static_cast<std::size_t>(got));
      if (static_cast<std::size_t>(got) < sizeof buffer) {
        break;
      }
    }
    while (const std::size_t size = request_size(connection.in)) {
      const bool stream = connection.in.substr(0, connection.in.find('\r')).find("/stream") != std::string::npos;
      connection.in.erase(0, size);
      if (stream) {
        connection.out += "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        streams += connection.deltas_left == 0 ? 1 : 0;
        connection.deltas_left = deltas;
        connection.next_delta_ns = now_ns();
      } else {
        connection.out += answer;
      }
    }
    if (!connection.out.empty()) {
      write_out(fd, connection);
    }
  }

  void send_deltas() {
    const long long now = now_ns();
    for (auto& [fd, connection] : connections) {
      if (connection.deltas_left > 0 && now >= connection.next_delta_ns) {
        char data[256];
        const int size = std::snprintf(
            data, sizeof data,
            "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%.60s\"}}],"
            "\"sent\":%lld}\n\n",
            word.c_str(), now_ns());
        char head[16];
        const int head_size = std::snprintf(head, sizeof head, "%x\r\n", static_cast<unsigned>(size));
        connection.out.append(head, static_cast<std::size_t>(head_size)).append(data, static_cast<std::size_t>(size));
        connection.out += "\r\n";
        connection.next_delta_ns += pause_ns;
        if (--connection.deltas_left == 0) {
          --streams;
          connection.out += "0\r\n\r\n";
        }
        write_out(fd, connection);
      }
    }
  }

  [[noreturn]] void run(int listener) {
    epoll = epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = listener;
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    std::vector<epoll_event> events(1024);
    bool streaming = false;
    for (;;) {
      const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), streaming ? 1 : -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener) {
          for (;;) {
            const int accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
            if (accepted < 0) {
              break;
            }
            const int one = 1;
            setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            epoll_event added{};
            added.events = EPOLLIN;
            added.data.fd = accepted;
            epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &added);
            connections[accepted];
          }
        } else if ((events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0) {
          write_out(fd, connections[fd]);
        } else {
          on_readable(fd);
        }
      }
      streaming = streams > 0;
      if (streaming) {
        send_deltas();
      }
    }
  }
};

}  // namespace

int main(int argc, char** argv) {
  Server server;
  std::size_t answer_bytes = 1024;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--answer") {
      answer_bytes = std::strtoull(argv[i + 1], nullptr, 10);
    } else if (option == "--deltas") {
      server.deltas = std::atoi(argv[i + 1]);
    } else if (option == "--word") {
      server.word = argv[i + 1];
    } else if (option == "--pause-ms") {
      server.pause_ns = std::atoll(argv[i + 1]) * 1'000'000;
    }
  }
  std::string body =
      "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"bench\",\"choices\":[{\"index\":"
      "0,"
      "\"message\":{\"role\":\"assistant\",\"content\":\"";
  const std::string end =
      "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":500,\"completion_tokens\":200,\"total_tokens\":"
      "700}}";
  while (body.size() + end.size() < answer_bytes) {
    body += "The quick brown fox jumps over the lazy dog. "[body.size() % 45];
  }
  body += end;
  server.answer =
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 4096) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("listen");
    return 1;
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  server.run(listener);
}
