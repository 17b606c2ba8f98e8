#include "sign/interoperability.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace sign {

std::vector<Reader> readers_of(std::string_view bundle_text, const Bundle& bundle, const Manifest& manifest) {
  Reader oms{"OMS 1.0, by its text", true, {}};
  Reader command{"model_signing 1.1.1, command line", true, {}};
  Reader library{"model_signing 1.1.1, Python library", true, {}};
  const auto say = [](Reader& reader, const std::string& reason) {
    reader.reads = false;
    reader.reasons.push_back(reason);
  };
  const auto document = base::parse_json(bundle_text, {kMaxBundleBytes, 32, 40'000'000});
  const std::string media_type(document ? (*document)["mediaType"].as_text() : "");
  if (media_type != kBundleMediaType) {
    const std::string reason = "its media type is " + base::printable(base::abbreviate(media_type, 100)) + ", not " +
                               std::string(kBundleMediaType);
    say(command, reason);
    say(library, reason);
  }
  for (const std::string& what : manifest.tolerated) {
    say(oms, what);
  }
  const bool single = manifest.resources.size() == 1 && manifest.shard_bytes == 0;
  const bool named_file =
      single && manifest.resources.front().path != "." && manifest.resources.front().path == manifest.model_name;
  if (named_file) {
    const std::string reason = "it names a single file by its name; these look for \".\" (surety sign --dot-name)";
    say(command, reason);
    say(library, reason);
  }
  if (manifest.shard_bytes != 0) {
    say(command, "it hashes files in shards; the command line always hashes whole files");
    const bool spelled_out = !manifest.tolerated.empty() &&
                             std::any_of(manifest.tolerated.begin(), manifest.tolerated.end(),
                                         [](const std::string& what) { return what.find("-sharded-") != what.npos; });
    if (!spelled_out) {
      say(library, "its shards name the algorithm as OMS 1.0 has it; the library looks for \"" +
                       std::string(base::to_string(manifest.algorithm)) + "-sharded-" +
                       std::to_string(manifest.shard_bytes) + "\"");
    }
  }
  if (manifest.algorithm != base::HashAlgorithm::sha256) {
    say(command, "its digests are " + std::string(base::to_string(manifest.algorithm)) +
                     "; the command line always computes SHA-256");
  }
  if (manifest.algorithm == base::HashAlgorithm::blake2b) {
    say(library, "its digests are blake2b, which the library does not know by this name");
  }
  if (bundle.material == Bundle::Material::public_key && bundle.key_hint.empty() && bundle.key_pem.empty()) {
    say(oms, "the bundle does not name its key");
  }
  return {oms, command, library};
}

}  // namespace sign
