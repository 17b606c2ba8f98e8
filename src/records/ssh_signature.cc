#include "records/ssh_signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/byte_cursor.h"
#include "base/file.h"
#include "base/text.h"

namespace records {
namespace {

using base::ByteCursor;
using base::Bytes;
using base::Errc;
using base::Error;
using base::KeyKind;
using base::PrivateKey;
using base::PublicKey;
using base::Result;
using base::SignatureHash;

constexpr std::string_view kMagic = "SSHSIG";
constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----";
constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----";
constexpr std::string_view kPrivateBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
constexpr std::string_view kPrivateEnd = "-----END OPENSSH PRIVATE KEY-----";
constexpr std::size_t kArmourColumns = 70;

/// What SSH and X.509 call a kind of elliptic curve key, and the bytes around its point and number.
struct Curve {
  KeyKind kind;
  std::string_view algorithm;
  std::string_view name;
  std::size_t number_bytes;
  std::string_view public_prefix;  ///< Of SubjectPublicKeyInfo, in front of the uncompressed point.
  std::string_view identifier;     ///< Object identifier, in DER.
};
using namespace std::string_view_literals;
constexpr std::array<Curve, 3> kCurves = {
    {{KeyKind::ecdsa_p256, "ecdsa-sha2-nistp256", "nistp256", 32,
      "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00"sv,
      "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv},
     {KeyKind::ecdsa_p384, "ecdsa-sha2-nistp384", "nistp384", 48,
      "\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00"sv,
      "\x06\x05\x2b\x81\x04\x00\x22"sv},
     {KeyKind::ecdsa_p521, "ecdsa-sha2-nistp521", "nistp521", 66,
      "\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23\x03\x81\x86\x00"sv,
      "\x06\x05\x2b\x81\x04\x00\x23"sv}}};
constexpr std::string_view kRsaAlgorithm = "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"sv;
constexpr std::string_view kEd25519PrivatePrefix = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"sv;

const Curve* curve_of(KeyKind kind) {
  const auto* const found =
      std::find_if(kCurves.begin(), kCurves.end(), [&](const Curve& curve) { return curve.kind == kind; });
  return found == kCurves.end() ? nullptr : found;
}
const Curve* curve_called(std::string_view algorithm) {
  const auto* const found =
      std::find_if(kCurves.begin(), kCurves.end(), [&](const Curve& curve) { return curve.algorithm == algorithm; });
  return found == kCurves.end() ? nullptr : found;
}

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A 32-bit length and so many bytes, as everywhere in SSH.
Result<std::string_view> read_text(ByteCursor& in, std::string_view field) {
  const std::uint32_t size = TRY(in.be<std::uint32_t>(field));
  if (size > kMaxKeyBytes) {
    return in.fail(Errc::too_large, field, "above " + std::to_string(kMaxKeyBytes) + " bytes");
  }
  return text_of(TRY(in.take(size, field)));
}

void put_length(std::string& out, std::size_t size) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(size >> shift & 0xFFU));
  }
}

void put_text(std::string& out, std::string_view text) {
  put_length(out, text.size());
  out += text;
}

// An element of DER.
std::string der(char tag, std::string_view content) {
  std::string out(1, tag);
  if (content.size() < 0x80) {
    out.push_back(static_cast<char>(content.size()));
  } else if (content.size() < 0x100) {
    out += "\x81"sv;
    out.push_back(static_cast<char>(content.size()));
  } else {
    out += "\x82"sv;
    out.push_back(static_cast<char>(content.size() >> 8U));
    out.push_back(static_cast<char>(content.size() & 0xFFU));
  }
  return out += content;
}

// The content of the element of DER with this tag; what OpenSSL or der() wrote.
Result<std::string_view> read_der(ByteCursor& in, std::uint8_t tag) {
  if (TRY(in.be<std::uint8_t>("DER tag")) != tag) {
    return in.fail(Errc::malformed, "DER tag", "another element was expected");
  }
  std::uint64_t size = TRY(in.be<std::uint8_t>("DER length"));
  if (size == 0x81) {
    size = TRY(in.be<std::uint8_t>("DER length"));
  } else if (size == 0x82) {
    size = TRY(in.be<std::uint16_t>("DER length"));
  } else if (size >= 0x80) {
    return in.fail(Errc::unsupported, "DER length", "above 65535");
  }
  return text_of(TRY(in.take(size, "DER content")));
}

struct TwoNumbers {
  std::string_view first;
  std::string_view second;
};
Result<TwoNumbers> two_numbers(std::string_view sequence) {
  ByteCursor outer(base::as_bytes(sequence));
  const std::string_view body = TRY(read_der(outer, 0x30));
  ByteCursor in(base::as_bytes(body));
  TwoNumbers out;
  out.first = TRY(read_der(in, 0x02));
  out.second = TRY(read_der(in, 0x02));
  return out;
}

// The key that an SSH blob holds.
Result<PublicKey> key_from_blob(std::string_view blob) {
  ByteCursor in(base::as_bytes(blob));
  const std::string_view algorithm = TRY(read_text(in, "key algorithm"));
  if (algorithm == "ssh-ed25519") {
    const std::string_view point = TRY(read_text(in, "key"));
    TRY(in.expect_end("key"));
    return PublicKey::from_ed25519(base::as_bytes(point));
  }
  if (const Curve* curve = curve_called(algorithm); curve != nullptr) {
    if (TRY(read_text(in, "key curve")) != curve->name) {
      return Error{Errc::malformed, "key: algorithm and curve do not agree"};
    }
    const std::string_view point = TRY(read_text(in, "key"));
    TRY(in.expect_end("key"));
    if (point.size() != 2 * curve->number_bytes + 1 || point.front() != '\x04') {
      return Error{Errc::malformed, "key: not an uncompressed point of " + std::string(curve->name)};
    }
    return PublicKey::from_der(base::as_bytes(std::string(curve->public_prefix) + std::string(point)));
  }
  if (algorithm == "ssh-rsa") {
    const std::string_view exponent = TRY(read_text(in, "key exponent"));
    const std::string_view modulus = TRY(read_text(in, "key modulus"));
    TRY(in.expect_end("key"));
    const std::string numbers = der('\x30', der('\x02', modulus) + der('\x02', exponent));
    return PublicKey::from_der(
        base::as_bytes(der('\x30', std::string(kRsaAlgorithm) + der('\x03', std::string(1, '\0') + numbers))));
  }
  return Error{Errc::unsupported, "key: " + base::abbreviate(base::printable(algorithm), 60) +
                                      " is not ssh-ed25519, ecdsa-sha2-nistp256, -nistp384, -nistp521 or ssh-rsa"};
}

// The same key as an SSH blob; empty where its DER is not of the form that OpenSSL writes.
std::string blob_of(const PublicKey& key) {
  std::string out;
  const std::string encoded = key.der();
  if (key.kind() == KeyKind::ed25519) {
    put_text(out, "ssh-ed25519");
    put_text(out, key.ed25519_bytes());
    return out;
  }
  if (const Curve* curve = curve_of(key.kind()); curve != nullptr) {
    if (!encoded.starts_with(curve->public_prefix)) {
      return {};
    }
    put_text(out, curve->algorithm);
    put_text(out, curve->name);
    put_text(out, std::string_view(encoded).substr(curve->public_prefix.size()));
    return out;
  }
  ByteCursor outer(base::as_bytes(encoded));
  const auto body = read_der(outer, 0x30);
  if (!body) {
    return {};
  }
  ByteCursor in(base::as_bytes(*body));
  const auto algorithm = read_der(in, 0x30);
  const auto bits = algorithm ? read_der(in, 0x03) : algorithm;
  if (!bits || bits->empty()) {
    return {};
  }
  const auto numbers = two_numbers(bits->substr(1));
  if (!numbers) {
    return {};
  }
  put_text(out, "ssh-rsa");
  put_text(out, numbers->second);
  put_text(out, numbers->first);
  return out;
}

// What stands between two lines, without line breaks, decoded.
Result<std::string> unarmoured(std::string_view text, std::string_view begin, std::string_view end) {
  text = base::trim(text);
  if (!text.starts_with(begin)) {
    return Error{Errc::malformed, "does not begin with " + std::string(begin)};
  }
  if (!text.ends_with(end) || text.size() < begin.size() + end.size()) {
    return Error{Errc::truncated, "does not end with " + std::string(end)};
  }
  std::string digits;
  for (const char c : text.substr(begin.size(), text.size() - begin.size() - end.size())) {
    if (c != '\n' && c != '\r') {
      digits.push_back(c);
    }
  }
  return base::from_base64(digits);
}

std::string digest(std::string_view message, std::string_view name) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, std::string(name).c_str(), nullptr, message.data(), message.size(), bytes.data(), &size) !=
      1) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

// The bytes that are signed.
std::string signed_bytes(std::string_view message, std::string_view name_space, std::string_view hash) {
  std::string out(kMagic);
  put_text(out, name_space);
  put_text(out, "");
  put_text(out, hash);
  put_text(out, digest(message, hash));
  return out;
}

std::optional<SignatureHash> hash_of(std::string_view algorithm, KeyKind kind) {
  if (kind == KeyKind::rsa) {
    return algorithm == "rsa-sha2-512"   ? std::optional(SignatureHash::sha512)
           : algorithm == "rsa-sha2-256" ? std::optional(SignatureHash::sha256)
                                         : std::nullopt;
  }
  const Curve* curve = curve_of(kind);
  const std::string_view wanted = curve == nullptr ? "ssh-ed25519" : curve->algorithm;
  return algorithm == wanted ? std::optional(SignatureHash::of_key) : std::nullopt;
}

std::string pem(std::string_view label, std::string_view content) {
  return "-----BEGIN " + std::string(label) + "-----\n" + base::to_base64(base::as_bytes(content)) + "\n-----END " +
         std::string(label) + "-----\n";
}

Result<PrivateKey> openssh_private_key(std::string_view text) {
  std::string content = TRY(unarmoured(text, kPrivateBegin, kPrivateEnd));
  ByteCursor in(base::as_bytes(content));
  constexpr std::string_view kKeyMagic = "openssh-key-v1\0"sv;
  if (text_of(TRY(in.take(kKeyMagic.size(), "private key"))) != kKeyMagic) {
    return Error{Errc::malformed, "private key: not openssh-key-v1"};
  }
  const std::string_view cipher = TRY(read_text(in, "private key cipher"));
  TRY(read_text(in, "private key derivation"));
  TRY(read_text(in, "private key derivation options"));
  if (cipher != "none") {
    return Error{Errc::unsupported, "private key: OpenSSH's encrypted form is not read here"};
  }
  if (TRY(in.be<std::uint32_t>("number of keys")) != 1) {
    return Error{Errc::malformed, "private key: not one key"};
  }
  TRY(read_text(in, "public key"));
  ByteCursor inner(base::as_bytes(TRY(read_text(in, "private part"))));
  const auto first = TRY(inner.be<std::uint32_t>("check"));
  if (TRY(inner.be<std::uint32_t>("check")) != first) {
    return Error{Errc::malformed, "private key: the two check numbers differ"};
  }
  const std::string_view algorithm = TRY(read_text(inner, "algorithm"));
  std::string encoded;
  std::string_view label = "PRIVATE KEY";
  if (algorithm == "ssh-ed25519") {
    TRY(read_text(inner, "public part"));
    const std::string_view both = TRY(read_text(inner, "private part"));
    if (both.size() != 64) {
      return Error{Errc::malformed, "private key: not 64 bytes"};
    }
    encoded = std::string(kEd25519PrivatePrefix) + std::string(both.substr(0, 32));
  } else if (const Curve* curve = curve_called(algorithm); curve != nullptr) {
    TRY(read_text(inner, "curve"));
    TRY(read_text(inner, "point"));
    std::string_view number = TRY(read_text(inner, "number"));
    while (number.size() > curve->number_bytes && number.front() == '\0') {
      number.remove_prefix(1);
    }
    if (number.empty() || number.size() > curve->number_bytes) {
      return Error{Errc::malformed, "private key: not a number of " + std::string(curve->name)};
    }
    const std::string padded = std::string(curve->number_bytes - number.size(), '\0') + std::string(number);
    encoded = der('\x30', der('\x02', "\x01") + der('\x04', padded) + der('\xa0', curve->identifier));
    label = "EC PRIVATE KEY";
  } else {
    return Error{Errc::unsupported, "private key: " + base::abbreviate(base::printable(algorithm), 60) +
                                        " in OpenSSH's form is not read here"};
  }
  std::string as_pem = pem(label, encoded);
  auto key = PrivateKey::from_pem(as_pem);
  for (std::string* secret : {&content, &encoded, &as_pem}) {
    OPENSSL_cleanse(secret->data(), secret->size());
  }
  return key;
}

}  // namespace

Result<PublicKey> public_key_from_ssh(std::string_view line) {
  line = base::trim(line);
  const std::size_t space = line.find_first_of(" \t");
  if (line.size() > kMaxKeyBytes || space == std::string_view::npos || line.find('\n') != std::string_view::npos) {
    return Error{Errc::malformed, "key: not one line \"ALGORITHM BASE64\" as in a .pub file"};
  }
  const std::string_view algorithm = line.substr(0, space);
  const std::string_view rest = base::trim(line.substr(space));
  const auto blob = base::from_base64(rest.substr(0, rest.find_first_of(" \t")));
  if (!blob) {
    return Error{Errc::malformed,
                 "key: what follows " + base::abbreviate(base::printable(algorithm), 60) + " is not base64"};
  }
  ByteCursor in(base::as_bytes(*blob));
  if (const auto inside = read_text(in, "key algorithm"); !inside || *inside != algorithm) {
    return Error{Errc::malformed, "key: the algorithm in front is not the one inside"};
  }
  return key_from_blob(*blob);
}

Result<PublicKey> public_key_from_text(std::string_view text) {
  return base::trim(text).starts_with("-----BEGIN ") ? PublicKey::from_pem(text) : public_key_from_ssh(text);
}

std::string ssh_line(const PublicKey& key) {
  const std::string blob = blob_of(key);
  ByteCursor in(base::as_bytes(blob));
  const auto algorithm = read_text(in, "key algorithm");
  return algorithm ? std::string(*algorithm) + " " + base::to_base64(base::as_bytes(blob)) : std::string();
}

std::string fingerprint(const PublicKey& key) {
  std::string digits = base::to_base64(base::as_bytes(digest(blob_of(key), "sha256")));
  digits.erase(digits.find_last_not_of('=') + 1);
  return "SHA256:" + digits;
}

Result<PrivateKey> private_key_from_text(std::string_view text, std::string_view passphrase) {
  return base::trim(text).starts_with(kPrivateBegin) ? openssh_private_key(text)
                                                     : PrivateKey::from_pem(text, passphrase);
}

Result<PrivateKey> private_key_from_file(const std::string& path, std::string_view passphrase) {
  auto key = PrivateKey::from_file(path, passphrase);  // who may read it is checked first
  if (key || (key.error().code != Errc::malformed && key.error().code != Errc::unsupported)) {
    return key;
  }
  std::string text = TRY(base::read_file(path, kMaxKeyBytes));
  auto again = private_key_from_text(text, passphrase);
  OPENSSL_cleanse(text.data(), text.size());
  if (!again) {
    return std::move(again).error().in_file(base::printable(path));
  }
  return again;
}

Result<SshSignature> parse_ssh_signature(std::string_view armoured) {
  if (armoured.size() > kMaxSignatureBytes) {
    return Error{Errc::too_large, "signature: above " + std::to_string(kMaxSignatureBytes) + " bytes"};
  }
  const std::string content = TRY(unarmoured(armoured, kBegin, kEnd));
  ByteCursor in(base::as_bytes(content));
  if (text_of(TRY(in.take(kMagic.size(), "signature"))) != kMagic) {
    return Error{Errc::malformed, "signature: not SSHSIG"};
  }
  if (const auto version = TRY(in.be<std::uint32_t>("signature version")); version != 1) {
    return Error{Errc::unsupported, "signature: version " + std::to_string(version)};
  }
  const std::string_view blob = TRY(read_text(in, "signature key"));
  SshSignature out{TRY(key_from_blob(blob)), {}, {}, {}, {}};
  out.name_space = TRY(read_text(in, "signature namespace"));
  if (!TRY(read_text(in, "signature reserved field")).empty()) {
    return Error{Errc::unsupported, "signature: the reserved field is not empty"};
  }
  out.hash = TRY(read_text(in, "signature hash"));
  if (out.hash != "sha512" && out.hash != "sha256") {
    return Error{Errc::unsupported, "signature: hash " + base::abbreviate(base::printable(out.hash), 60)};
  }
  ByteCursor inner(base::as_bytes(TRY(read_text(in, "signature bytes"))));
  TRY(in.expect_end("signature"));
  out.algorithm = TRY(read_text(inner, "signature algorithm"));
  const std::string_view bytes = TRY(read_text(inner, "signature bytes"));
  TRY(inner.expect_end("signature bytes"));
  if (curve_of(out.key.kind()) == nullptr) {
    out.signature = bytes;
    return out;
  }
  ByteCursor numbers(base::as_bytes(bytes));
  const std::string_view r = TRY(read_text(numbers, "signature r"));
  const std::string_view s = TRY(read_text(numbers, "signature s"));
  TRY(numbers.expect_end("signature"));
  out.signature = der('\x30', der('\x02', r) + der('\x02', s));
  return out;
}

Result<void> verify_ssh_signature(const SshSignature& signature, std::string_view message,
                                  std::string_view name_space) {
  if (signature.name_space != name_space) {
    return Error{Errc::untrusted, "the signature is for \"" +
                                      base::abbreviate(base::printable(signature.name_space), 60) + "\", not for \"" +
                                      std::string(name_space) + "\""};
  }
  const auto hash = hash_of(signature.algorithm, signature.key.kind());
  if (!hash) {
    return Error{Errc::untrusted, "the signature's algorithm " +
                                      base::abbreviate(base::printable(signature.algorithm), 60) +
                                      " does not fit its key, or is too weak"};
  }
  const std::string bytes = signed_bytes(message, name_space, signature.hash);
  if (!signature.key.verifies(base::as_bytes(bytes), base::as_bytes(signature.signature), *hash)) {
    return Error{Errc::untrusted, "the signature does not fit the content: one of them was changed"};
  }
  return {};
}

Result<std::string> make_ssh_signature(const PrivateKey& key, std::string_view message, std::string_view name_space) {
  const std::string hash = "sha512";
  const std::string bytes = signed_bytes(message, name_space, hash);
  const SignatureHash of_key = key.kind() == KeyKind::rsa ? SignatureHash::sha512 : SignatureHash::of_key;
  std::string signature = TRY(key.sign(base::as_bytes(bytes), of_key));
  const Curve* curve = curve_of(key.kind());
  if (curve != nullptr) {
    const TwoNumbers numbers = TRY(two_numbers(signature));
    std::string both;
    put_text(both, numbers.first);
    put_text(both, numbers.second);
    signature = both;
  }
  std::string inner;
  put_text(inner, curve != nullptr                 ? curve->algorithm
                  : key.kind() == KeyKind::ed25519 ? std::string_view("ssh-ed25519")
                                                   : std::string_view("rsa-sha2-512"));
  put_text(inner, signature);
  std::string out(kMagic);
  put_length(out, 1);
  put_text(out, blob_of(key.public_key()));
  put_text(out, name_space);
  put_text(out, "");
  put_text(out, hash);
  put_text(out, inner);
  const std::string digits = base::to_base64(base::as_bytes(out));
  std::string armoured(kBegin);
  for (std::size_t at = 0; at < digits.size(); at += kArmourColumns) {
    armoured += "\n" + digits.substr(at, kArmourColumns);
  }
  return armoured + "\n" + std::string(kEnd) + "\n";
}

}  // namespace records
