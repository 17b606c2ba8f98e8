#!/usr/bin/env python3
"""Writes src/bom/licence_ids.cc from the npm package spdx-license-ids (CC0-1.0), unpacked.

    npm pack spdx-license-ids@3.0.18 && tar xzf spdx-license-ids-3.0.18.tgz
    tools/write_licence_ids.py package

The version is one whose ids are all known to the schemas of CycloneDX 1.6 and 1.7; a test compares them.
"""
import json
import pathlib
import sys

if len(sys.argv) != 2:
    sys.exit(__doc__.strip())
package = pathlib.Path(sys.argv[1])
version = json.loads((package / "package.json").read_text())["version"]
ids = set(json.loads((package / "index.json").read_text())) | set(json.loads((package / "deprecated.json").read_text()))
lines = "\n".join(f'    "{one}",' for one in sorted(ids, key=lambda one: (one.lower(), one)))
target = pathlib.Path(__file__).resolve().parents[1] / "src/bom/licence_ids.cc"
target.write_text(f"""// Written by tools/write_licence_ids.py from spdx-license-ids {version}.
// clang-format off
#include "bom/licence.h"

namespace bom {{
namespace {{

constexpr std::string_view kIds[] = {{
{lines}
}};

}}  // namespace

std::span<const std::string_view> licence_ids() {{
  return kIds;
}}

}}  // namespace bom
""")
print(f"{target}: {len(ids)} ids")
