#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace app {

/// An armoured signature (SSHSIG) over `content` for records, made by OpenSSH's ssh-keygen: with keys that are
/// encrypted or RSA in OpenSSH's own form, and, where `key_file` holds a public key, with the one in an agent. No shell
/// is run. With a passphrase nobody is asked; without one ssh-keygen asks at the terminal. What comes back is verified
/// here. Fails with io (no ssh-keygen), usage (what ssh-keygen says) or untrusted.
base::Result<std::string> sign_with_ssh_keygen(const std::string& key_file, std::string_view content,
                                               std::string_view passphrase);

}  // namespace app
