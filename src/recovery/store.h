#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

/// Bringing back a known good state: places where copies are kept, and fetching from them.
namespace recovery {

/// Takes the next bytes of a file; an error stops the fetch and is what it returns.
using Sink = std::function<base::Result<void>(std::string_view bytes)>;

/// A place that keeps the files of a snapshot under their names. Nothing that it returns is believed: whoever fetches
/// compares digests. Not thread-safe.
class Store {
 public:
  virtual ~Store() = default;
  /// Hands the bytes of the file to `sink`, in pieces. Fails with not_found, io (also where the connection breaks off,
  /// or what is there is no regular file), or as `sink` does. What was handed over before a failure is worthless.
  [[nodiscard]] virtual base::Result<void> fetch(const std::string& name, const Sink& sink) = 0;
};

/// Where a snapshot's bytes are. Written as:
///   /srv/backup, backup, file:///srv/backup             a directory
///   git+file:///srv/model.git?revision=COMMIT           a commit in a git repository, whole object id; git+https://…
///   too s3://BUCKET/PREFIX?endpoint=https://HOST&region=R   an S3-compatible store; credentials from
///   AWS_ACCESS_KEY_ID,
///                                                       AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
struct Place {
  enum class Kind : std::uint8_t { directory, git, s3 };
  Kind kind = Kind::directory;
  std::string location;  ///< Path, URL of the repository, or bucket.
  std::string prefix;    ///< s3: of the keys, without slashes at its ends; may be empty.
  std::string revision;  ///< git: 40 or 64 hexadecimal digits.
  std::string endpoint;  ///< s3: scheme, host and port.
  std::string region;    ///< s3: "us-east-1" unless given.

  /// Fails with usage, naming what is missing or unknown.
  static base::Result<Place> parse(std::string_view text);
};

/// Opens the place. `scratch` is where a remote git repository is fetched to (bare). Talks to the network only for
/// git+https and s3. Fails with not_found, io, or usage (no credentials).
base::Result<std::unique_ptr<Store>> open_store(const Place& place, const std::filesystem::path& scratch);

// One function a kind, each in its own file.
base::Result<std::unique_ptr<Store>> open_directory_store(const Place& place);
base::Result<std::unique_ptr<Store>> open_git_store(const Place& place, const std::filesystem::path& scratch);
base::Result<std::unique_ptr<Store>> open_s3_store(const Place& place);

/// A relative path of normal components, as a snapshot may name a file: no empty one, no "." or "..", no zero byte.
[[nodiscard]] bool is_plain_name(std::string_view name);

}  // namespace recovery
