#pragma once

#include <cstdint>

#include "sandbox/sandbox.h"

namespace sandbox {

/// Takes every right from this process but to compute, to talk over descriptors it holds, and to map files it is sent:
/// rlimits, Landlock, no new privileges, seccomp. For good. Returns what took effect.
Protections give_up_rights(const Limits& limits);

}  // namespace sandbox
