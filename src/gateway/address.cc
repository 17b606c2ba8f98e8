#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

#include "base/text.h"
#include "gateway/loop.h"

namespace gateway {

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof address);
    inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
  } else {
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof address);
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  }
  return text;
}

std::uint16_t Address::port() const {
  // The port stands at the same place in both kinds of address.
  sockaddr_in address{};
  std::memcpy(&address, &storage, sizeof address);
  return ntohs(address.sin_port);
}

void Address::set_port(std::uint16_t port) {
  sockaddr_in address{};
  std::memcpy(&address, &storage, sizeof address);
  address.sin_port = htons(port);
  std::memcpy(&storage, &address, sizeof address);
}

std::string Address::text() const {
  return (storage.ss_family == AF_INET6 ? "[" + host() + "]" : host()) + ":" + std::to_string(port());
}

bool Address::is_loopback() const {
  const std::string name = host();
  return name == "::1" || (storage.ss_family == AF_INET && name.starts_with("127."));
}

bool Address::operator==(const Address& other) const {
  return size == other.size && std::memcmp(&storage, &other.storage, size) == 0;
}

base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) {
    return base::Error{base::Errc::io, "address of " + base::printable(host) + ": " + gai_strerror(failure)};
  }
  std::vector<Address> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if ((entry->ai_family == AF_INET || entry->ai_family == AF_INET6) &&
        entry->ai_addrlen <= sizeof(sockaddr_storage)) {
      Address address;
      std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
      address.size = entry->ai_addrlen;
      addresses.push_back(address);
    }
  }
  freeaddrinfo(found);
  if (addresses.empty()) {
    return base::Error{base::Errc::io, "address of " + base::printable(host) + ": none for TCP"};
  }
  return addresses;
}

}  // namespace gateway
