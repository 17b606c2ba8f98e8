#include "app/organisation_file.h"

#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

namespace app {

base::Result<std::optional<assess::Organisation>> read_organisation(const Workplace& place,
                                                                    const evidence::SystemFacts& system) {
  const bool named = !place.organisation.empty();
  const std::filesystem::path file = named ? place.organisation : place.directory / assess::kOrganisationFile;
  const std::string shown = named ? base::printable(file.native()) : std::string(assess::kOrganisationFile);
  if (!named) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0) {
      return std::optional<assess::Organisation>();
    }
    if (!S_ISREG(status.st_mode)) {
      return base::Error{base::Errc::usage,
                         S_ISLNK(status.st_mode) ? "a symbolic link; it must be a file" : "not a regular file", 0,
                         shown};
    }
  }
  auto text = base::read_file(file, assess::kMaxOrganisationBytes);
  if (!text) {
    return std::move(text).error().in_file(shown);
  }
  assess::Organisation organisation = TRY(assess::parse_organisation(*text, shown));
  TRY(assess::check_agreement(organisation, system));
  return std::optional(std::move(organisation));
}

}  // namespace app
