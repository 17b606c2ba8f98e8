#include "inspect/anchors.h"

#include <utility>
#include <vector>

#include "inspect/planted.h"
#include "inspect/secret_table.h"

namespace inspect {
namespace {

struct Tables {
  std::vector<Anchor> anchors;
  std::vector<bool> any_case;
  std::size_t secrets = 0;

  void add(AnchorFamily family, std::size_t index, std::string_view text, bool ignore_case) {
    anchors.push_back({family, static_cast<std::uint32_t>(index), text});
    any_case.push_back(ignore_case);
  }
};

const Tables& tables() {
  static const Tables kTables = [] {
    Tables out;
    const auto forms = token_forms();
    for (std::size_t i = 0; i < forms.size(); ++i) {
      out.add(AnchorFamily::token, i, forms[i].anchor, forms[i].any_case);
    }
    const auto assigned = assigned_forms();
    for (std::size_t i = 0; i < assigned.size(); ++i) {
      out.add(AnchorFamily::assigned, i, assigned[i].keyword, true);
    }
    const auto names = secret_names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      out.add(AnchorFamily::secret_name, i, names[i].word, true);
    }
    constexpr std::pair<SecretForm, std::string_view> kForms[] = {
        {SecretForm::private_key, "-----begin"},
        {SecretForm::private_key, "putty-user-key-file"},
        {SecretForm::curl, "curl"},
        {SecretForm::header, "authorization"},
        {SecretForm::kubernetes, "kind:"},
        {SecretForm::nuget, "<add key="},
        {SecretForm::command, "sshpass"},
        {SecretForm::command, "docker login"},
        {SecretForm::command, "podman login"},
        {SecretForm::command, "az login"},
        {SecretForm::command, "redis-cli"},
        {SecretForm::command, "mysql"},
        {SecretForm::command, "htpasswd"},
        {SecretForm::argument, " pass:"},
        {SecretForm::argument, ":5432:"},
        {SecretForm::argument, "identified by"},
        {SecretForm::argument, "securestring"},
        {SecretForm::argument, "networkcredential("},
        {SecretForm::argument, "getconnection("},
        {SecretForm::argument, "auth=("},
        {SecretForm::argument, "basic_auth("},
        {SecretForm::argument, "new pdo("},
        {SecretForm::argument, ".login("},
        {SecretForm::argument, ":thin:"},
        {SecretForm::command, "openssl enc"},
        {SecretForm::command, "ldapsearch"},
        {SecretForm::command, "net user "},
        {SecretForm::command, "smbclient"},
        {SecretForm::command, "mongosh"},
        {SecretForm::cookie, "cookie:"},
    };
    for (const auto& [form, text] : kForms) {
      out.add(AnchorFamily::secret_form, static_cast<std::size_t>(form), text, true);
    }
    constexpr std::pair<SecretForm, std::string_view> kExact[] = {
        {SecretForm::token_parts, ".ey"},
        {SecretForm::json_web_token, "eyJ"},
        {SecretForm::json_web_token, "eyA"},
        {SecretForm::encoded_token, "ZXlK"},
        {SecretForm::address, "://"},
        {SecretForm::artifactory, "AP2"},
        {SecretForm::artifactory, "AP3"},
        {SecretForm::artifactory, "AP5"},
        {SecretForm::artifactory, "AP6"},
        {SecretForm::artifactory, "APB"},
        {SecretForm::artifactory, "AKC"},
        {SecretForm::twilio, "SK0"},
        {SecretForm::twilio, "SK1"},
        {SecretForm::twilio, "SK2"},
        {SecretForm::twilio, "SK3"},
        {SecretForm::twilio, "SK4"},
        {SecretForm::twilio, "SK5"},
        {SecretForm::twilio, "SK6"},
        {SecretForm::twilio, "SK7"},
        {SecretForm::twilio, "SK8"},
        {SecretForm::twilio, "SK9"},
        {SecretForm::twilio, "SKa"},
        {SecretForm::twilio, "SKb"},
        {SecretForm::twilio, "SKc"},
        {SecretForm::twilio, "SKd"},
        {SecretForm::twilio, "SKe"},
        {SecretForm::twilio, "SKf"},
        {SecretForm::twilio, "SKA"},
        {SecretForm::twilio, "SKB"},
        {SecretForm::twilio, "SKC"},
        {SecretForm::twilio, "SKD"},
        {SecretForm::twilio, "SKE"},
        {SecretForm::twilio, "SKF"},
        // "PASSWORD", "password", "private_key" and "-----BEGIN" in base64,
        // as they are at each of three places.
        {SecretForm::encoded_text, "UEFTU1dPUk"},
        {SecretForm::encoded_text, "BBU1NXT1JE"},
        {SecretForm::encoded_text, "QQVNTV09SR"},
        {SecretForm::encoded_text, "cGFzc3dvcm"},
        {SecretForm::encoded_text, "Bhc3N3b3Jk"},
        {SecretForm::encoded_text, "wYXNzd29yZ"},
        {SecretForm::encoded_text, "cHJpdmF0ZV9rZX"},
        {SecretForm::encoded_text, "ByaXZhdGVfa2V5"},
        {SecretForm::encoded_text, "wcml2YXRlX2tle"},
        {SecretForm::encoded_text, "LS0tLS1CRUdJT"},
        {SecretForm::encoded_text, "0tLS0tQkVHSU"},
        {SecretForm::encoded_text, "tLS0tLUJFR0lO"},
        {SecretForm::json_web_key, "\"d\":"},
        {SecretForm::json_web_key, "\"k\":"},
    };
    for (const auto& [form, text] : kExact) {
      out.add(AnchorFamily::secret_form, static_cast<std::size_t>(form), text, false);
    }
    out.secrets = out.anchors.size();
    for (const AnchorFamily family : {AnchorFamily::injection, AnchorFamily::script, AnchorFamily::formula,
                                      AnchorFamily::payload, AnchorFamily::escape}) {
      const auto words = planted_anchors(family);
      for (std::size_t i = 0; i < words.size(); ++i) {
        out.add(family, i, words[i].text, words[i].any_case);
      }
    }
    return out;
  }();
  return kTables;
}

std::vector<Literal> literals(std::size_t count) {
  std::vector<Literal> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({tables().anchors[i].text, tables().any_case[i], static_cast<std::uint32_t>(i)});
  }
  return out;
}

}  // namespace

const LiteralFinder& all_anchors() {
  static const LiteralFinder kFinder(literals(tables().anchors.size()));
  return kFinder;
}

const LiteralFinder& secret_anchors() {
  static const LiteralFinder kFinder(literals(tables().secrets));
  return kFinder;
}

const Anchor& anchor(std::uint32_t id) {
  return tables().anchors[id];
}

bool anchor_ignores_case(std::uint32_t id) {
  return tables().any_case[id];
}

std::size_t anchor_count() {
  return tables().anchors.size();
}

}  // namespace inspect
