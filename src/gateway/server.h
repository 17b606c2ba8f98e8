#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "control/exchange.h"
#include "gateway/admin.h"
#include "gateway/settings.h"
#include "gateway/worker.h"

namespace gateway {

/// The gateway: its workers, its admin listener, and what keeps them to the configuration file. Made and run by one
/// thread; stop() and reload_soon() are for any.
class Server {
 public:
  /// What the configuration's section `controls` stands for.
  struct Made {
    std::shared_ptr<control::Controls> controls;
    std::shared_ptr<AdminPages> pages;  ///< May be null.
  };
  struct Options {
    /// Makes the controls of a configuration, at the start and at every reload. Null: routes only.
    std::function<base::Result<Made>(const Settings&)> make_controls;
    std::function<void(std::string_view)> say;  ///< One message for the operator; from any thread.
    bool signals = true;                        ///< Heed SIGTERM, SIGINT and SIGHUP.
    bool watch = true;                          ///< Reload when the file, or one it names, changes.
  };

  /// Reads the configuration and listens. Fails with malformed (exit code 2) or io.
  static base::Result<std::unique_ptr<Server>> start(const std::filesystem::path& file, Options options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until stop() or a signal, then drains.
  void run();
  void stop();
  /// Reads the configuration again. On failure the old one stays and the error is given back.
  base::Result<void> reload();

  [[nodiscard]] const std::vector<Address>& addresses() const { return addresses_; }  ///< As bound, one a listen entry.
  [[nodiscard]] const Address* admin_address() const { return admin_address_ ? &*admin_address_ : nullptr; }
  [[nodiscard]] std::shared_ptr<const Runtime> runtime() const;
  void add_metrics(std::string& out) const;

 private:
  explicit Server(Options options) : options_(std::move(options)) {}

  base::Result<std::shared_ptr<const Runtime>> make_runtime(Settings settings);
  base::Result<void> open();
  base::Result<void> open_admin();
  void watch_files();
  void on_watch();
  void tick();
  base::Result<Settings> read_configuration();
  [[nodiscard]] std::string fingerprint() const;
  void begin_stop();

  Options options_;
  std::filesystem::path file_;
  Loop loop_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::unique_ptr<Worker> admin_;
  std::thread admin_thread_;
  std::vector<Address> addresses_;
  std::vector<Address> asked_;  ///< As configured, for what may be port 0.
  std::optional<Address> admin_address_;

  mutable std::mutex mutex_;  ///< For runtime_.
  std::shared_ptr<const Runtime> runtime_;
  std::map<std::string, std::shared_ptr<Health>> health_;

  base::Descriptor inotify_;
  std::map<int, std::filesystem::path> watched_;
  std::string fingerprint_;
  bool changed_ = false;
  Moment changed_at_ = 0;
  Moment looked_up_at_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> reloads_{0};
  std::atomic<std::uint64_t> reloads_refused_{0};
};

}  // namespace gateway
