#include "gateway/worker.h"

#include <algorithm>

#include "gateway/http1_client.h"
#include "gateway/relay.h"
#include "gateway/upstream_connection.h"

namespace gateway {
namespace {

// Records that go to the disk together while there is no end of other work.
constexpr unsigned kMostGathered = 32;

}  // namespace

Worker::Worker(std::shared_ptr<const Runtime> runtime) : runtime_(std::move(runtime)), now_(exact_now() / 1000) {
  most_connections_ = std::max(1U, settings().limits.connections / std::max(1U, settings().workers));
  loop_.every(kTick, [this] { tick(); });
  gather_records();
}

Worker::~Worker() {
  ports_.clear();
  const auto connections = std::move(connections_);
  connections_.clear();
  for (const auto& [key, connection] : connections) {
    connection->close();
  }
  idle_.clear();
  loop_.clear();
}

Moment Worker::exact_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

base::Result<std::uint16_t> Worker::listen(const Address& address, std::size_t place) {
  Port port;
  port.place = place;
  // The address as bound, since port 0 takes a free one.
  auto bound = std::make_shared<Address>(address);
  port.listener =
      TRY(Listener::open(loop_, address, [this, bound](std::unique_ptr<Socket> socket, const Address& peer) {
        on_accepted(std::move(socket), peer, *bound);
      }));
  *bound = port.listener->address();
  port.address = *bound;
  port.listener->resume();
  ports_.push_back(std::move(port));
  return bound->port();
}

void Worker::leave(const Address& address) {
  std::erase_if(ports_, [&](const Port& port) { return port.address == address; });
}

void Worker::set_runtime(std::shared_ptr<const Runtime> runtime, const std::vector<Address>& places) {
  runtime_ = std::move(runtime);
  gather_records();
  most_connections_ = std::max(1U, settings().limits.connections / std::max(1U, settings().workers));
  for (Port& port : ports_) {
    const auto found = std::find(places.begin(), places.end(), port.address);
    if (found != places.end()) {
      port.place = static_cast<std::size_t>(found - places.begin());
    }
  }
  // Connections to servers that are configured no more are not kept.
  for (auto& entry : idle_) {
    const std::string& identity = entry.first;
    auto& list = entry.second;
    const bool known = std::any_of(runtime_->groups.begin(), runtime_->groups.end(), [&](const auto& group) {
      const auto& endpoints = group.second->endpoints();
      return std::any_of(endpoints.begin(), endpoints.end(),
                         [&](const auto& endpoint) { return endpoint->identity() == identity; });
    });
    if (!known) {
      const auto gone = std::move(list);
      list.clear();
      for (const auto& connection : gone) {
        connection->drop();
      }
    }
  }
}

void Worker::run() {
  loop_.run();
}

void Worker::drain(std::chrono::milliseconds most) {
  if (draining_) {
    return;
  }
  draining_ = true;
  drain_deadline_ = exact_now() / 1000 + most.count();
  ports_.clear();
  std::vector<std::shared_ptr<ClientConnection>> connections;
  for (const auto& [key, connection] : connections_) {
    connections.push_back(connection);
  }
  for (const auto& connection : connections) {
    connection->drain();
  }
  stop_when_done();
}

void Worker::stop_when_done() {
  if (draining_ && (connections_.empty() || now_ >= drain_deadline_)) {
    for (std::size_t place = 0; place < slots_.size(); ++place) {
      if (slots_[place].relay != nullptr) {
        slots_[place].relay->on_shutdown();
      }
    }
    loop_.stop();
  }
}

void Worker::on_accepted(std::unique_ptr<Socket> socket, const Address& peer, const Address& at) {
  const auto port = std::find_if(ports_.begin(), ports_.end(), [&](const Port& each) { return each.address == at; });
  const std::size_t place = port == ports_.end() ? 0 : port->place;
  const auto& contexts = runtime_->listen_tls;
  auto client = std::make_shared<Http1Client>(*this, std::move(socket), peer,
                                              place < contexts.size() ? contexts[place] : nullptr);
  counters_.connections_accepted.add();
  add(client);
  client->begin();
}

void Worker::add(std::shared_ptr<ClientConnection> connection) {
  ClientConnection* key = connection.get();
  connections_.emplace(key, std::move(connection));
  counters_.connections_open.add();
  admit();
}

void Worker::remove(ClientConnection& connection) {
  const auto found = connections_.find(&connection);
  if (found == connections_.end()) {
    return;
  }
  // Its memory goes when nobody is inside it any more.
  loop_.post([gone = std::move(found->second)] {});
  connections_.erase(found);
  counters_.connections_open.subtract();
  admit();
}

// New connections wait in the system's queue while there are too many.
void Worker::admit() {
  const bool accepts = connections_.size() < most_connections_;
  if (accepts != accepting_) {
    accepting_ = accepts;
    for (const Port& port : ports_) {
      if (accepts) {
        port.listener->resume();
      } else {
        port.listener->pause();
      }
    }
  }
}

std::uint64_t Worker::enlist(Relay& relay) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t place = free_slots_.back();
  free_slots_.pop_back();
  slots_[place].relay = &relay;
  counters_.exchanges_open.add();
  return (std::uint64_t{place} << 32U) | slots_[place].generation;
}

void Worker::delist(std::uint64_t ticket) {
  Slot& slot = slots_[ticket >> 32U];
  slot.relay = nullptr;
  ++slot.generation;
  free_slots_.push_back(static_cast<std::uint32_t>(ticket >> 32U));
  counters_.exchanges_open.subtract();
}

// The log tells of many records at once: they come into the loop together.
void Worker::wake(std::uint64_t ticket) {
  bool is_first = false;
  {
    const std::lock_guard lock(woken_mutex_);
    is_first = woken_.empty();
    woken_.push_back(ticket);
  }
  if (is_first) {
    loop_.post([this] { take_wakes(); });
  }
}

void Worker::take_wakes() {
  {
    const std::lock_guard lock(woken_mutex_);
    taken_.swap(woken_);
  }
  for (const std::uint64_t ticket : taken_) {
    const Slot& slot = slots_[ticket >> 32U];
    if (slot.relay != nullptr && slot.generation == static_cast<std::uint32_t>(ticket)) {
      slot.relay->on_wake();
    }
  }
  taken_.clear();
}

void Worker::note_wait() {
  if (++waits_ >= kMostGathered) {
    write_records();
  } else if (waits_ == 1) {
    loop_.when_idle([this] { write_records(); });
  }
}

void Worker::write_records() {
  waits_ = 0;
  if (runtime_->controls != nullptr) {
    runtime_->controls->write_records();
  }
}

void Worker::gather_records() {
  if (runtime_->controls != nullptr) {
    runtime_->controls->gather_records();
  }
}

std::shared_ptr<UpstreamConnection> Worker::take(const std::shared_ptr<Endpoint>& endpoint) {
  auto& list = idle_[endpoint->identity()];
  if (!list.empty()) {
    auto connection = std::move(list.back());  // the one used last: the others may end
    list.pop_back();
    return connection;
  }
  auto connection = std::make_shared<UpstreamConnection>(*this, endpoint);
  connection->connect();
  return connection;
}

void Worker::keep(std::shared_ptr<UpstreamConnection> connection) {
  auto& list = idle_[connection->endpoint()->identity()];
  if (draining_ || list.size() >= settings().limits.upstream_connections) {
    connection->drop();
    return;
  }
  list.push_back(std::move(connection));
}

void Worker::forget(UpstreamConnection& connection) {
  const auto list = idle_.find(connection.endpoint()->identity());
  if (list != idle_.end()) {
    const auto found = std::find_if(list->second.begin(), list->second.end(),
                                    [&](const auto& each) { return each.get() == &connection; });
    if (found != list->second.end()) {
      loop_.post([gone = std::move(*found)] {});
      list->second.erase(found);
    }
  }
}

void Worker::tick() {
  now_ = exact_now() / 1000;
  // Copies, because a tick may end what it visits.
  std::vector<std::shared_ptr<ClientConnection>> connections;
  connections.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) {
    connections.push_back(connection);
  }
  for (const auto& connection : connections) {
    connection->on_tick(now_);
  }
  for (std::size_t place = 0; place < slots_.size(); ++place) {
    if (slots_[place].relay != nullptr) {
      slots_[place].relay->on_tick(now_);
    }
  }
  std::vector<std::shared_ptr<UpstreamConnection>> stale;
  const Moment oldest = now_ - settings().timeouts.upstream_idle.count();
  for (auto& [identity, list] : idle_) {
    const auto fresh = std::find_if(list.begin(), list.end(),
                                    [&](const auto& connection) { return connection->idle_since() > oldest; });
    stale.insert(stale.end(), list.begin(), fresh);
    list.erase(list.begin(), fresh);
  }
  for (const auto& connection : stale) {
    connection->drop();
  }
  for (const Port& port : ports_) {
    if (accepting_) {
      port.listener->resume();  // in case it had run out of descriptors
    }
  }
  stop_when_done();
}

}  // namespace gateway
