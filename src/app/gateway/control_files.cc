// Commands that work on the files of the gateway's controls: keys, approvals, kills, permissions.

#include "app/change_log.h"
#include "app/gateway/gateway.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "control/access_keys.h"
#include "control/approvals.h"
#include "control/configuration.h"
#include "control/kill_switch.h"
#include "control/observed.h"
#include "control/tools.h"

namespace app {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::Value;

Result<control::Configuration> controls_of(const Arguments& arguments) {
  const gateway::Settings settings = TRY(gateway::read_settings(gateway_file(arguments)));
  return control::parse_configuration(settings.controls, base::printable(settings.file.native()),
                                      settings.file.parent_path());
}

control::AllowList list_of(const Arguments& arguments, std::string_view option) {
  return arguments.has(option) ? control::AllowList(arguments.all(option)) : std::nullopt;
}

Result<std::filesystem::path> keys_file(const Arguments& arguments) {
  if (arguments.has("keys")) {
    return std::filesystem::path(arguments.get("keys"));
  }
  const control::Configuration controls = TRY(controls_of(arguments));
  if (controls.identity.keys.empty()) {
    return Error{Errc::usage, "the configuration names no file of keys (controls.identity.keys); or say --keys FILE"};
  }
  return controls.identity.keys;
}

Result<void> new_key(const Arguments& arguments, Console& console) {
  control::KeyWish wish;
  wish.subject = arguments.get("subject");
  wish.tenant = arguments.get("tenant");
  wish.roles = arguments.all("role");
  wish.permissions = {list_of(arguments, "model"), list_of(arguments, "tool"), list_of(arguments, "route")};
  if (arguments.has("expires")) {
    wish.expires = TRY(time_given(arguments.get("expires"), true));
  }
  const auto path = TRY(keys_file(arguments));
  const control::IssuedKey issued = TRY(control::issue_key(wish, base::now()));
  TRY(control::store_key(path, issued.kept));
  console.out << issued.text << "\n";
  console.err << "surety: key " << issued.kept.id << " for " << base::printable(wish.subject)
              << "; this is the only time that it is shown\n";
  return {};
}

Result<void> list_keys(const Arguments& arguments, Console& console) {
  const auto path = TRY(keys_file(arguments));
  const auto table = TRY(control::KeyTable::load(path));
  for (const control::AccessKey& key : table.keys()) {
    console.out << key.id << "  " << base::printable(key.subject);
    if (!key.tenant.empty()) {
      console.out << "  tenant " << base::printable(key.tenant);
    }
    for (const std::string& role : key.roles) {
      console.out << "  role " << base::printable(role);
    }
    if (key.expires) {
      console.out << "  expires " << base::to_iso8601(*key.expires);
    }
    console.out << (key.revoked ? "  revoked" : "") << "\n";
  }
  return {};
}

Result<void> run_key(const Arguments& arguments, Console& console) {
  const std::string action = arguments.positional(0, "");
  if (action == "new") {
    return new_key(arguments, console);
  }
  if (action == "list") {
    return list_keys(arguments, console);
  }
  if (action == "revoke" && arguments.positional().size() == 2) {
    const auto path = TRY(keys_file(arguments));
    return control::revoke_key(path, arguments.positional(1, ""));
  }
  return Error{Errc::usage, "say new, list or revoke ID"};
}

Result<void> list_approvals(const Arguments& arguments, Console& console) {
  const control::Configuration controls = TRY(controls_of(arguments));
  const auto approvals = TRY(control::read_approvals(controls.state / "approvals"));
  if (arguments.get("format", "text") == "json") {
    Value list{Value::List{}};
    for (const control::Approval& approval : approvals) {
      list.push(control::to_value(approval));
    }
    console.out << base::to_json(list, 2) << "\n";
    return {};
  }
  for (const control::Approval& approval : approvals) {
    console.out << approval.id << "  " << control::to_string(approval.state) << "  "
                << base::printable(approval.binding.tool) << "  by " << base::printable(approval.subject) << " ("
                << base::printable(approval.binding.caller) << ")  until " << base::to_iso8601({approval.expires})
                << "\n    " << base::printable(base::abbreviate(approval.shown, 400)) << "\n";
  }
  return {};
}

Result<void> decide(const Arguments& arguments, bool approves) {
  const control::Configuration controls = TRY(controls_of(arguments));
  return control::leave_decision(controls.state / "approvals", arguments.positional(0, ""), approves,
                                 arguments.get("reason"));
}

Result<void> kill(const Arguments& arguments, Console& console) {
  const control::Configuration controls = TRY(controls_of(arguments));
  if (arguments.positional().empty()) {
    const auto text = base::read_file(controls.state / "kills.json", 4U << 20);
    if (text) {
      for (const control::Kill& one : TRY(control::parse_kills(*text, "kills.json"))) {
        console.out << control::to_string(one.kind) << "  " << base::printable(one.value) << "  since "
                    << base::to_iso8601(one.since) << "  by " << base::printable(one.actor) << "  "
                    << base::printable(one.reason) << "\n";
      }
    } else if (text.error().code != Errc::not_found) {
      return text.error();
    }
    return {};
  }
  const auto kind = control::kill_kind(arguments.positional(0, ""));
  if (!kind) {
    return Error{Errc::usage, "say everything, model, tool, key, tenant or prompt"};
  }
  const std::string value = arguments.positional(1, "");
  if (arguments.has("lift")) {
    return control::remove_kill(controls.state, *kind, value);
  }
  return control::store_kill(controls.state, {*kind, value, arguments.get("reason"), user_name(), base::now()});
}

Result<void> permissions(const Arguments& arguments, Console& console) {
  const control::Configuration controls = TRY(controls_of(arguments));
  std::unique_ptr<control::Authenticator> identity;
  if (controls.is_on(control::Filter::identity)) {
    identity = TRY(control::Authenticator::open(controls.identity));
  }
  const auto observed = TRY(control::Observed::open(controls.state));
  console.out << base::to_json(control::permissions_report(controls.tools, identity.get(), *observed), 2) << "\n";
  return {};
}

}  // namespace

Exit run_gateway_key(const Arguments& arguments, Console& console) {
  return exit_of(run_key(arguments, console), console);
}
Exit run_gateway_approvals(const Arguments& arguments, Console& console) {
  return exit_of(list_approvals(arguments, console), console);
}
Exit run_gateway_approve(const Arguments& arguments, Console& console) {
  return exit_of(decide(arguments, true), console);
}
Exit run_gateway_deny(const Arguments& arguments, Console& console) {
  return exit_of(decide(arguments, false), console);
}
Exit run_gateway_kill(const Arguments& arguments, Console& console) {
  return exit_of(kill(arguments, console), console);
}
Exit run_gateway_permissions(const Arguments& arguments, Console& console) {
  return exit_of(permissions(arguments, console), console);
}

}  // namespace app
