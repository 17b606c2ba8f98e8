#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "inventory/manifest_requirement.h"
#include "inventory/observe_families.h"
#include "inventory/source_names.h"

namespace inventory {
namespace {

using base::Value;
using evidence::AssetKind;
using evidence::Confidence;
using evidence::Package;

constexpr std::size_t kMaxYamlBytes = 1U << 20;  ///< Of files that are read as YAML.

// Tools whose runs in a pipeline are evidence of testing and scanning.
constexpr std::string_view kPipelineTools[] = {"pytest",
                                               "unittest",
                                               "tox",
                                               "nox",
                                               "jest",
                                               "vitest",
                                               "playwright",
                                               "pip-audit",
                                               "safety",
                                               "npm audit",
                                               "yarn audit",
                                               "pnpm audit",
                                               "osv-scanner",
                                               "trivy",
                                               "grype",
                                               "snyk",
                                               "bandit",
                                               "semgrep",
                                               "codeql",
                                               "gitleaks",
                                               "trufflehog",
                                               "detect-secrets",
                                               "cosign",
                                               "syft",
                                               "cyclonedx",
                                               "modelscan",
                                               "picklescan",
                                               "garak",
                                               "promptfoo",
                                               "pyrit",
                                               "giskard",
                                               "deepeval",
                                               "ragas",
                                               "inspect eval",
                                               "lm_eval",
                                               "hadolint",
                                               "checkov",
                                               "tfsec",
                                               "kube-linter",
                                               "zizmor",
                                               "actionlint",
                                               "scorecard",
                                               "slsa-",
                                               "attest-build-provenance",
                                               "dependency-review",
                                               "surety",
                                               "mypy",
                                               "ruff",
                                               "eslint",
                                               "sigstore"};

void note_line(Observed& out, std::string_view attribute, std::uint32_t line) {
  if (out.asset.attributes.find(attribute) == nullptr) {
    out.asset.attributes.set(attribute, static_cast<std::int64_t>(line));
  }
}

bool holds_tool(std::string_view line, std::string_view tool) {
  const auto is_part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  for (std::size_t at = line.find(tool); at != line.npos; at = line.find(tool, at + 1)) {
    const bool before = at == 0 || !is_part(line[at - 1]);
    const std::size_t end = at + tool.size();
    if (before && (end == line.size() || !is_part(line[end]))) {
      return true;
    }
  }
  return false;
}

void add_pipeline_tools(Observed& out, std::string_view line, std::uint32_t number, std::set<std::string_view>& seen) {
  const std::string lower = base::to_lower(line.substr(0, 1000));
  const std::string_view trimmed = base::trim(lower);
  if (trimmed.starts_with('#') || trimmed.starts_with("name:")) {
    return;
  }
  for (const std::string_view tool : kPipelineTools) {
    if (!seen.contains(tool) && holds_tool(lower, tool)) {
      seen.insert(tool);
      add_usage(out, "pipeline-tool", tool, "", number);
    }
  }
}

// "${{ secrets.NAME }}"
void add_secrets(Observed& out, std::string_view line, std::uint32_t number) {
  line = line.substr(0, 2000);
  for (std::size_t at = line.find("secrets."); at != line.npos; at = line.find("secrets.", at + 8)) {
    const std::size_t end = std::min(
        line.size(), line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", at + 8));
    if (end > at + 8) {
      add_usage(out, "environment-variable", line.substr(at + 8, end - at - 8), "", number, "secret of the pipeline");
    }
  }
}

bool is_commit(std::string_view text) {
  return text.size() == 40 && std::all_of(text.begin(), text.end(), [](char c) { return base::hex_value(c) >= 0; });
}

// What follows `pip install` and `npm install -g` in a command.
void add_installed(Observed& out, std::string_view command, std::uint32_t line) {
  command = command.substr(0, 8192);
  for (const std::string_view start : {"pip install ", "pip3 install ", "uv pip install ", "pipx install "}) {
    const std::size_t at = command.find(start);
    if (at == command.npos) {
      continue;
    }
    std::string_view rest = command.substr(at + start.size());
    rest = rest.substr(0, std::min({rest.size(), rest.find("&&"), rest.find(';'), rest.find('|')}));
    bool skip = false;
    for (std::string_view word : base::split(rest, ' ')) {
      word = base::trim(word);
      while (!word.empty() && (word.front() == '"' || word.front() == '\'')) {
        word.remove_prefix(1);
      }
      while (!word.empty() && (word.back() == '"' || word.back() == '\'')) {
        word.remove_suffix(1);
      }
      if (skip || word.empty()) {
        skip = false;
        continue;
      }
      if (word.starts_with('-')) {
        skip = is_one_of(word, {"-r", "-c", "--requirement", "--constraint", "-i", "--index-url", "--extra-index-url",
                                "-t", "--target", "--find-links", "-f", "-e", "--python"});
        continue;
      }
      if (word.starts_with('.') || word.starts_with('/') || word.starts_with('$') || word.ends_with(".whl") ||
          word.ends_with(".txt")) {
        continue;
      }
      if (auto package = parse_requirement(word, line)) {
        add_package(out, *std::move(package));
      }
    }
    break;
  }
}

void observe_dockerfile(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  std::map<std::string, std::string> arguments;
  std::set<std::string> stages;
  std::string user;
  std::string joined;
  std::uint32_t first = 0;
  bool any_from = false;
  while (lines.next(line)) {
    const std::string_view trimmed = base::trim(line);
    if (trimmed.empty() || trimmed[0] == '#') {
      continue;
    }
    if (joined.empty()) {
      first = lines.number();
    }
    if (trimmed.ends_with('\\') && joined.size() < (256 << 10)) {
      joined += trimmed.substr(0, trimmed.size() - 1);
      joined += ' ';
      continue;
    }
    joined += trimmed;
    const std::string_view all = joined;
    const std::size_t space = all.find_first_of(" \t");
    const std::string word = base::to_lower(all.substr(0, space));
    const std::string_view rest = space == all.npos ? std::string_view() : base::trim(all.substr(space));
    if (word == "arg" || word == "env") {
      const std::size_t equals = rest.find_first_of("= ");
      if (equals != rest.npos) {
        const std::string_view name = rest.substr(0, equals);
        std::string_view value = base::trim(rest.substr(equals + 1));
        value = value.substr(0, value.find(' '));
        if (word == "arg" && arguments.size() < 200) {
          arguments[std::string(name)] = value;
        }
        if (is_secret_name(name)) {
          add_usage(out, "environment-variable", name, "", first,
                    value.empty() || value.starts_with('$') ? word : word + ", has a value");
          if (!value.empty() && !value.starts_with('$')) {
            note_line(out, "secret_in_image", first);
          }
        }
      }
    } else if (word == "from") {
      any_from = true;
      std::vector<std::string_view> words;
      for (const std::string_view part : base::split(rest.substr(0, 1000), ' ')) {
        if (!part.empty() && !part.starts_with("--")) {
          words.push_back(part);
        }
      }
      if (!words.empty()) {
        std::string image;
        std::string_view source = words[0];
        // ${NAME} and $NAME stand for the defaults given above.
        for (std::size_t i = 0; i < source.size();) {
          if (source[i] != '$') {
            image += source[i++];
            continue;
          }
          const bool braced = i + 1 < source.size() && source[i + 1] == '{';
          const std::size_t begin = i + (braced ? 2 : 1);
          const std::size_t end = std::min(
              source.size(), braced ? source.find('}', begin)
                                    : source.find_first_not_of(
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_", begin));
          std::string_view name = source.substr(begin, end - begin);
          std::string_view fallback;
          if (const std::size_t colon = name.find(":-"); colon != name.npos) {
            fallback = name.substr(colon + 2);
            name = name.substr(0, colon);
          }
          const auto found = arguments.find(std::string(name));
          image += found != arguments.end() ? std::string_view(found->second) : fallback;
          i = end + (braced ? 1 : 0);
        }
        if (!stages.contains(base::to_lower(image)) && image != "scratch") {
          if (auto package = parse_image(image, first)) {
            add_package(out, *std::move(package));
          }
        }
        if (words.size() >= 3 && base::equals_ignoring_case(words[1], "as")) {
          stages.insert(base::to_lower(words[2]));
        }
        user.clear();
      }
    } else if (word == "user") {
      user = rest;
    } else if (word == "run") {
      add_installed(out, rest, first);
      if (has_word(rest, {"curl", "wget"}) && has_word(rest, {"| sh", "| bash", "|sh", "|bash"})) {
        note_line(out, "pipes_download_to_shell", first);
      }
    } else if (word == "expose") {
      Value ports = out.asset.attributes["ports"];
      if (ports.as_list().size() < 50) {
        out.asset.attributes.set("ports", ports.push(one_line(rest, 60)));
      }
    } else if (word == "healthcheck") {
      note_line(out, "healthcheck", first);
    } else if (word == "add" && has_word(rest, {"http://", "https://"})) {
      note_line(out, "adds_from_address", first);
    }
    joined.clear();
  }
  classify(out, AssetKind::container, "dockerfile", "name: of a Dockerfile",
           any_from ? Confidence::high : Confidence::medium);
  out.asset.attributes.set("user", one_line(user, 60));
  const std::string_view account = std::string_view(user).substr(0, user.find(':'));
  out.asset.attributes.set("runs_as_root", account.empty() || account == "root" || account == "0");
}

void observe_compose(Observed& out, const Value& root) {
  for (const auto& [name, service] : root["services"].as_map()) {
    if (auto package = parse_image(service["image"].as_text(), service["image"].line())) {
      add_package(out, *std::move(package));
    }
    if (service["privileged"].as_bool()) {
      note_line(out, "privileged", service["privileged"].line());
    }
    const Value& environment = service["environment"];
    const auto add = [&](std::string_view variable, bool has_value, std::uint32_t line) {
      if (is_secret_name(variable)) {
        add_usage(out, "environment-variable", variable, "", line, has_value ? "has a value" : "");
      }
    };
    for (const auto& [variable, value] : environment.as_map()) {
      add(variable, !value.as_text().empty() && !value.as_text().starts_with('$'), value.line());
    }
    for (const Value& item : environment.as_list()) {
      const std::string_view text = item.as_text();
      const std::size_t equals = text.find('=');
      add(text.substr(0, equals), equals != text.npos && equals + 1 < text.size() && text[equals + 1] != '$',
          item.line());
    }
    Value ports = out.asset.attributes["ports"];
    for (const Value& port : service["ports"].as_list()) {
      if (ports.as_list().size() < 50) {
        ports.push(one_line(port.is_string() ? port.as_text() : std::string_view(base::to_json(port)), 60));
      }
    }
    if (ports.is_list()) {
      out.asset.attributes.set("ports", std::move(ports));
    }
  }
}

std::string permissions_text(const Value& permissions) {
  return permissions.is_string() ? std::string(permissions.as_text()) : base::to_json(permissions);
}

void observe_workflow(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  std::set<std::string_view> tools;
  while (lines.next(line)) {
    std::string_view trimmed = base::trim(line);
    if (trimmed.starts_with('#')) {
      continue;
    }
    if (trimmed.starts_with("- ")) {
      trimmed = base::trim(trimmed.substr(2));
    }
    add_secrets(out, line, lines.number());
    add_pipeline_tools(out, line, lines.number(), tools);
    add_installed(out, line, lines.number());
    if (!trimmed.starts_with("uses:")) {
      continue;
    }
    std::string_view action = base::trim(trimmed.substr(5));
    if (const std::size_t comment = action.find(" #"); comment != action.npos) {
      action = base::trim(action.substr(0, comment));
    }
    while (!action.empty() && (action.front() == '"' || action.front() == '\'')) {
      action.remove_prefix(1);
    }
    while (!action.empty() && (action.back() == '"' || action.back() == '\'')) {
      action.remove_suffix(1);
    }
    if (action.starts_with('.') || action.find("${{") != action.npos) {
      continue;
    }
    if (action.starts_with("docker://")) {
      if (auto package = parse_image(action.substr(9), lines.number())) {
        add_package(out, *std::move(package));
      }
      continue;
    }
    const std::size_t at = action.rfind('@');
    const std::string_view reference = at == action.npos ? std::string_view() : action.substr(at + 1);
    Package package{"github-action",        std::string(action.substr(0, at)),
                    std::string(reference), is_commit(reference),
                    is_commit(reference),   false,
                    lines.number()};
    add_package(out, std::move(package));
  }
  const auto parsed = base::parse_yaml(file.text, {.max_bytes = kMaxYamlBytes});
  if (!parsed) {
    add_note(out, parsed.error().text());
    return;
  }
  const Value& root = *parsed;
  const Value* permissions = root.find("permissions");
  out.asset.attributes.set("permissions",
                           permissions == nullptr ? "not set" : one_line(permissions_text(*permissions), 300));
  bool each_job = !root["jobs"].as_map().empty();
  Value jobs;
  for (const auto& [name, job] : root["jobs"].as_map()) {
    const Value* own = job.find("permissions");
    each_job = each_job && own != nullptr;
    if (own != nullptr && jobs.as_map().size() < 50) {
      jobs.set(one_line(name, 60), one_line(permissions_text(*own), 200));
    }
    if (auto image =
            parse_image(job["container"].is_string() ? job["container"].as_text() : job["container"]["image"].as_text(),
                        job.line())) {
      add_package(out, *std::move(image));
    }
  }
  if (jobs.is_map()) {
    out.asset.attributes.set("job_permissions", std::move(jobs));
  }
  if (permissions == nullptr && each_job) {
    out.asset.attributes.set("permissions", "per job");
  }
  const Value& on = root.find("on") != nullptr ? root["on"] : root["true"];  // YAML 1.1 reads "on" as true
  Value triggers{Value::List{}};
  if (on.is_string()) {
    triggers.push(one_line(on.as_text(), 60));
  }
  for (const Value& trigger : on.as_list()) {
    triggers.push(one_line(trigger.as_text(), 60));
  }
  for (const auto& [trigger, value] : on.as_map()) {
    triggers.push(one_line(trigger, 60));
  }
  out.asset.attributes.set("triggers", std::move(triggers));
}

void observe_other_pipeline(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  std::set<std::string_view> tools;
  while (lines.next(line)) {
    add_pipeline_tools(out, line, lines.number(), tools);
    add_installed(out, line, lines.number());
    const std::string_view trimmed = base::trim(line);
    for (const std::string_view key : {"image:", "- image:", "- name:", "container:"}) {
      if (trimmed.starts_with(key) && key != "- name:") {
        std::string_view image = base::trim(trimmed.substr(key.size()));
        image = image.substr(0, image.find(" #"));
        if (!image.empty() && image[0] != '$') {
          if (auto package = parse_image(image, lines.number())) {
            add_package(out, *std::move(package));
          }
        }
      }
    }
  }
}

// Literal statements only: what a variable holds is not guessed.
void note_weak_infrastructure(Observed& out, std::string_view text) {
  Lines lines(text);
  std::string_view line;
  std::string previous;
  while (lines.next(line)) {
    std::string flat;
    for (const char c : line.substr(0, 2000)) {
      if (c != ' ' && c != '\t' && c != '"' && c != '\'') {
        flat += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
    }
    if (flat.empty() || flat[0] == '#' || flat.starts_with("//")) {
      continue;
    }
    if (has_word(flat, {"acl=public-read", "acl:public-read", "accesscontrol:publicread", "block_public_acls=false",
                        "block_public_policy=false", "restrict_public_buckets=false", "blockpublicacls:false",
                        "blockpublicpolicy:false", "restrictpublicbuckets:false", "allow_blob_public_access=true",
                        "allow_nested_items_to_be_public=true", "member=allusers", "members=[allusers",
                        "container_access_type=blob", "container_access_type=container",
                        "public_access_prevention=inherited"})) {
      note_line(out, "public_bucket", lines.number());
    }
    const bool wildcard = has_word(flat, {"action:*", "action=*", "actions=[*]", "actions:[*]", "action:[*]",
                                          "action=[*]", "verbs:[*]"}) ||
                          ((flat == "-*" || flat == "*," || flat == "*") && has_word(previous, {"action", "verbs"}));
    if (wildcard) {
      note_line(out, "wildcard_action", lines.number());
    }
    if (has_word(flat, {"resource:*", "resources=[*]", "resource=*", "resources:[*]"})) {
      note_line(out, "wildcard_resource", lines.number());
    }
    if (has_word(flat, {"0.0.0.0/0"})) {
      note_line(out, "open_to_internet", lines.number());
    }
    if (has_word(flat, {"privileged:true", "privileged=true"})) {
      note_line(out, "privileged", lines.number());
    }
    previous = std::move(flat);
  }
}

void add_images_by_line(Observed& out, const File& file) {
  Lines lines(file.text);
  std::string_view line;
  while (lines.next(line)) {
    std::string_view trimmed = base::trim(line);
    if (trimmed.starts_with("- ")) {
      trimmed = base::trim(trimmed.substr(2));
    }
    if (trimmed.starts_with("image:")) {
      std::string_view image = base::trim(trimmed.substr(6));
      image = base::trim(image.substr(0, image.find(" #")));
      if (!image.empty() && image.find("{{") == image.npos) {
        if (auto package = parse_image(image, lines.number())) {
          add_package(out, *std::move(package));
        }
      }
    }
  }
}

}  // namespace

bool observe_deployment(Observed& out, const File& file) {
  const std::string_view name = file.lower_name;
  const std::string_view extension = file.extension();
  const bool yaml = extension == "yml" || extension == "yaml";
  if (name == "dockerfile" || name == "containerfile" || name.starts_with("dockerfile.") || extension == "dockerfile") {
    if (is_one_of(extension, {"md", "py", "sh", "txt", "js", "ts"})) {
      return false;
    }
    observe_dockerfile(out, file);
    return true;
  }
  if (yaml && in_folder(file.lower_path, {".github"}) && in_folder(file.lower_path, {"workflows"})) {
    classify(out, AssetKind::pipeline, "github-workflow", "name: in .github/workflows");
    observe_workflow(out, file);
    return true;
  }
  if (yaml && (name == "action.yml" || name == "action.yaml") && has_word(file.text, {"runs:"})) {
    classify(out, AssetKind::pipeline, "github-action", "name: action.yml");
    observe_workflow(out, file);
    out.asset.attributes = Value();
    return true;
  }
  if (is_one_of(name, {".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", "jenkinsfile",
                       "cloudbuild.yaml", "buildspec.yml", ".drone.yml"}) ||
      (in_folder(file.lower_path, {".circleci"}) && name == "config.yml")) {
    classify(out, AssetKind::pipeline, name == ".gitlab-ci.yml" ? "gitlab-ci" : "pipeline", "name: of a pipeline");
    observe_other_pipeline(out, file);
    return true;
  }
  if (name == ".pre-commit-config.yaml") {
    classify(out, AssetKind::pipeline, "pre-commit", "name: .pre-commit-config.yaml");
    observe_other_pipeline(out, file);
    return true;
  }
  if (is_one_of(extension, {"tf", "tfvars", "hcl", "bicep"}) || name.ends_with(".tf.json")) {
    classify(out, AssetKind::infrastructure, extension == "bicep" ? "bicep" : "terraform",
             "name: of infrastructure as code");
    note_weak_infrastructure(out, file.text);
    return true;
  }
  const bool json = extension == "json" || extension == "template";
  if (!yaml && !json) {
    return false;
  }
  const std::string_view text = file.text;
  if (yaml && (has_word(name, {"docker-compose"}) || name.starts_with("compose."))) {
    classify(out, AssetKind::container, "compose", "name: of a compose file");
    const auto parsed = base::parse_yaml(text, {.max_bytes = kMaxYamlBytes});
    if (parsed) {
      observe_compose(out, *parsed);
    } else {
      add_note(out, parsed.error().text());
      add_images_by_line(out, file);
    }
    return true;
  }
  const std::string_view head = text.substr(0, 256 << 10);
  if (has_word(head, {"AWSTemplateFormatVersion"}) ||
      (has_word(head, {"\"Type\": \"AWS::", "Type: AWS::", "Type: \"AWS::", "Type: 'AWS::"}))) {
    classify(out, AssetKind::infrastructure, "cloudformation", "content: resources of CloudFormation");
    note_weak_infrastructure(out, text);
    return true;
  }
  if (json && has_word(head, {"\"Statement\""}) && has_word(head, {"\"Effect\""}) && has_word(head, {"\"Action\""})) {
    classify(out, AssetKind::infrastructure, "iam-policy", "content: policy statements");
    note_weak_infrastructure(out, text);
    return true;
  }
  if (yaml && (head.starts_with("apiVersion:") || head.find("\napiVersion:") != head.npos) &&
      (head.starts_with("kind:") || head.find("\nkind:") != head.npos || name == "chart.yaml")) {
    classify(out, AssetKind::infrastructure, name == "chart.yaml" ? "helm" : "kubernetes",
             "content: apiVersion and kind");
    note_weak_infrastructure(out, text);
    add_images_by_line(out, file);
    return true;
  }
  if (yaml && (head.starts_with("listen:") || head.find("\nlisten:") != head.npos) &&
      (head.starts_with("upstreams:") || head.find("\nupstreams:") != head.npos)) {
    classify(out, AssetKind::infrastructure, "surety-gateway", "content: listen and upstreams of a Surety gateway");
    return true;
  }
  if (yaml && (name == "chart.yaml" ||
               (name.starts_with("values") && in_folder(file.lower_path, {"chart", "charts", "helm", "deploy"})))) {
    classify(out, AssetKind::infrastructure, "helm", "name: of a Helm chart", Confidence::medium);
    note_weak_infrastructure(out, text);
    return true;
  }
  return false;
}

}  // namespace inventory
