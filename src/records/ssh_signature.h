#pragma once

#include <string>
#include <string_view>

#include "base/keys.h"
#include "base/result.h"

/// OpenSSH's formats for keys and for signatures over files, so that ssh-keygen verifies ours and we verify its.
/// Sources: RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8332, RFC 8709, OpenSSH's PROTOCOL.sshsig and PROTOCOL.key.
namespace records {

/// What a signature of ours is for; a signature made for another purpose does not count.
inline constexpr std::string_view kNamespace = "surety-record";
inline constexpr std::uint64_t kMaxKeyBytes = 64U << 10;        ///< Of a key file or line.
inline constexpr std::uint64_t kMaxSignatureBytes = 64U << 10;  ///< Of an armoured signature.

/// A public key as a line of an authorized_keys or .pub file: "ssh-ed25519 AAAA… comment". Fails with malformed or
/// unsupported (keys in hardware tokens, certificates, DSA).
base::Result<base::PublicKey> public_key_from_ssh(std::string_view line);
/// From such a line, or from PEM.
base::Result<base::PublicKey> public_key_from_text(std::string_view text);
/// "ssh-ed25519 AAAA…" without comment.
[[nodiscard]] std::string ssh_line(const base::PublicKey& key);
/// "SHA256:…", as ssh-keygen -l prints it.
[[nodiscard]] std::string fingerprint(const base::PublicKey& key);

/// A private key from PEM or from OpenSSH's own format without passphrase. Fails with malformed or unsupported (an
/// encrypted OpenSSH key, or a kind of key we do not sign with, naming it).
base::Result<base::PrivateKey> private_key_from_text(std::string_view text, std::string_view passphrase);
/// The same of a file that only its owner can read. Fails with usage where others may.
base::Result<base::PrivateKey> private_key_from_file(const std::string& path, std::string_view passphrase);

/// A signature taken apart.
struct SshSignature {
  base::PublicKey key;
  std::string name_space;
  std::string hash;       ///< "sha256" or "sha512": of the message.
  std::string algorithm;  ///< "ssh-ed25519", "rsa-sha2-512" …
  std::string signature;  ///< As base::PublicKey::verifies() takes it.
};
/// Reads "-----BEGIN SSH SIGNATURE-----". Fails with malformed, truncated or unsupported. Does not verify.
base::Result<SshSignature> parse_ssh_signature(std::string_view armoured);
/// Is it by its key, over `message`, for `name_space`? Fails with untrusted, saying why not.
base::Result<void> verify_ssh_signature(const SshSignature& signature, std::string_view message,
                                        std::string_view name_space);
/// An armoured signature over `message`.
base::Result<std::string> make_ssh_signature(const base::PrivateKey& key, std::string_view message,
                                             std::string_view name_space);

}  // namespace records
