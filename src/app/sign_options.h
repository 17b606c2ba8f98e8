#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.h"
#include "base/time.h"
#include "sign/certificate.h"

/// Options that the commands of signing share.
namespace app {

/// The first line of --passphrase-file; empty where there is none.
base::Result<std::string> passphrase_of(const Arguments& arguments);
/// All certificates of these PEM files, in order.
base::Result<std::vector<sign::Certificate>> read_certificates(const std::vector<std::string>& files);
/// A whole number between the limits. Fails with usage, naming the option.
base::Result<std::uint64_t> number_of(const Arguments& arguments, std::string_view option, std::uint64_t least,
                                      std::uint64_t most);
/// --threads; 0 where it is not given.
base::Result<unsigned> threads_of(const Arguments& arguments);
/// The clock's time, whatever SOURCE_DATE_EPOCH says: an expired certificate must not come back to life.
[[nodiscard]] base::UnixTime present();

}  // namespace app
