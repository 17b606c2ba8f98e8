#include "control/subject_keys.h"

#include <openssl/evp.h>

#include "base/text.h"
#include "control/random.h"

namespace control {

using base::Errc;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

base::Sha256 labelled(std::string_view label, std::string_view secret, std::string_view text) {
  thread_local base::Sha256Hasher hasher;
  hasher.update(label);
  hasher.update(secret);
  hasher.update(text);
  return hasher.finish();
}

std::string_view view(const base::Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

base::Sha256 place_of(std::string_view subject) {
  return labelled("surety-audit-subject-v1\n", {}, subject);
}

std::shared_ptr<const SubjectKey> made_of(std::string secret) {
  auto key = std::make_shared<SubjectKey>();
  key->tag = labelled("surety-audit-tag-v1\n", secret, {}).hex().substr(0, 16);
  key->secret = std::move(secret);
  return key;
}

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const kCipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return kCipher;
}

}  // namespace

base::Sha256 SubjectKey::keyed(const base::Sha256& content) const {
  return labelled("surety-audit-content-v1\n", secret, view(content));
}

Result<std::string> SubjectKey::seal(std::string_view content, std::string_view place) const {
  const base::Sha256 key = labelled("surety-audit-seal-v1\n", secret, {});
  std::string out = TRY(random_bytes(kNonceBytes));
  out.resize(kNonceBytes + content.size() + kTagBytes);
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  int size = 0;
  if (EVP_EncryptInit_ex2(context.get(), cipher(), key.bytes.data(), octets(out, 0), nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, octets(place), static_cast<int>(place.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), octets(out, kNonceBytes), &size, octets(content),
                        static_cast<int>(content.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), octets(out, kNonceBytes + content.size()), &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, octets(out, kNonceBytes + content.size())) !=
          1) {
    return Error{Errc::io, "seal: the cipher failed"};
  }
  return base::to_base64(base::as_bytes(out));
}

Result<std::string> SubjectKey::open(std::string_view sealed, std::string_view place) const {
  std::string bytes = TRY(base::from_base64(sealed));
  if (bytes.size() < kNonceBytes + kTagBytes) {
    return Error{Errc::malformed, "sealed content: too short"};
  }
  const base::Sha256 key = labelled("surety-audit-seal-v1\n", secret, {});
  const std::size_t length = bytes.size() - kNonceBytes - kTagBytes;
  std::string out(length, '\0');
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> context(EVP_CIPHER_CTX_new());
  int size = 0;
  if (EVP_DecryptInit_ex2(context.get(), cipher(), key.bytes.data(), octets(bytes, 0), nullptr) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &size, octets(place), static_cast<int>(place.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), octets(out, 0), &size, octets(bytes, kNonceBytes), static_cast<int>(length)) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, octets(bytes, kNonceBytes + length)) != 1 ||
      EVP_DecryptFinal_ex(context.get(), octets(out, length), &size) != 1) {
    return Error{Errc::untrusted, "sealed content: not of this subject and place, or changed"};
  }
  return out;
}

Result<std::unique_ptr<SubjectKeys>> SubjectKeys::open(const std::filesystem::path& directory) {
  ledger::Openings openings = TRY(ledger::Openings::open(directory, ledger::Openings::Mode::write));
  return std::unique_ptr<SubjectKeys>(new SubjectKeys(std::move(openings)));
}

Result<std::shared_ptr<const SubjectKey>> SubjectKeys::stored(std::string_view subject) {
  const auto opening = TRY(openings_.find(place_of(subject)));
  if (!opening) {
    return std::shared_ptr<const SubjectKey>();
  }
  if (opening->salt.size() != kSecretBytes) {
    return Error{Errc::malformed, "key of a subject: wrong size"};
  }
  return made_of(opening->salt);
}

Result<std::shared_ptr<const SubjectKey>> SubjectKeys::find(std::string_view subject) {
  {
    const std::shared_lock lock(cache_mutex_);
    if (const auto found = cache_.find(subject); found != cache_.end()) {
      return found->second;
    }
  }
  const std::lock_guard lock(store_mutex_);
  return stored(subject);
}

Result<std::shared_ptr<const SubjectKey>> SubjectKeys::key(std::string_view subject) {
  {
    const std::shared_lock lock(cache_mutex_);
    if (const auto found = cache_.find(subject); found != cache_.end()) {
      return found->second;
    }
  }
  const std::lock_guard store_lock(store_mutex_);
  std::shared_ptr<const SubjectKey> key = TRY(stored(subject));
  if (key == nullptr) {
    std::string secret = TRY(random_bytes(kSecretBytes));
    const ledger::Opening opening{place_of(subject), secret, std::string(subject)};
    TRY(openings_.add({&opening, 1}));
    key = made_of(std::move(secret));
  }
  const std::unique_lock lock(cache_mutex_);
  if (cache_.size() >= kMaxCached) {
    cache_.clear();
  }
  cache_.emplace(std::string(subject), key);
  return key;
}

Result<bool> SubjectKeys::erase(std::string_view subject) {
  const std::lock_guard store_lock(store_mutex_);
  {
    const std::unique_lock lock(cache_mutex_);
    cache_.erase(std::string(subject));
  }
  const base::Sha256 place = place_of(subject);
  return TRY(openings_.erase({&place, 1})) > 0;
}

}  // namespace control
