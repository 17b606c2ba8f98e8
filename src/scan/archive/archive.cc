#include "scan/archive/archive.h"

#include "scan/archive/member.h"

namespace scan {

std::span<const Reading> archive_readings() {
  static constexpr Reading kReadings[] = {
      {"zip", Need::believed, judge_zip},
      {"tar", Need::any, judge_tar},
      {"gzip", Need::believed, judge_compressed},
      {"zlib", Need::any, judge_compressed},
      {"bzip2", Need::believed, judge_compressed},
      {"xz", Need::believed, judge_compressed},
      {"lzip", Need::believed, judge_compressed},
      {"lzma", Need::any, judge_compressed},
      {"lz4", Need::believed, judge_compressed},
      {"lz4-legacy", Need::believed, judge_compressed},
      {"zstd", Need::believed, judge_compressed},
      {"joblib-zfile", Need::believed, judge_compressed},
      {"snappy", Need::believed, judge_compressed},
      {"compress", Need::believed, judge_compressed},
      {"7z", Need::any, judge_packed},
      {"7z-stub", Need::any, judge_packed_behind_stub},
      {"rar", Need::any, judge_packed},
      {"cab", Need::any, judge_packed},
      {"iso9660", Need::any, judge_packed},
      {"cpio", Need::believed, judge_packed},
      {"ar", Need::any, judge_packed},
      {"xar", Need::any, judge_packed},
      {"lha", Need::believed, judge_packed},
      {"elf", Need::any, judge_executable},
      {"pe", Need::any, judge_executable},
      {"mach-o", Need::any, judge_executable},
      {"lnk", Need::any, judge_executable},
  };
  return kReadings;
}

}  // namespace scan
