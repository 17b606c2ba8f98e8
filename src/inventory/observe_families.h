#pragma once

#include <vector>

#include "base/value.h"
#include "formats/identify.h"
#include "inventory/observe_file.h"

/// The observers of families of files. Those that return bool say whether the file is theirs; they classify it then.
namespace inventory {

/// Models, datasets and images told by content; tables of text by shape and place.
bool observe_binary(Observed& out, const File& file, const std::vector<formats::Identified>& identified);
bool observe_table(Observed& out, const File& file, const std::vector<formats::Identified>& identified);

/// requirements.txt, package.json, lock files and their like.
bool observe_manifest(Observed& out, const File& file);
/// Dockerfile, compose, workflows, Terraform, Kubernetes and their like.
bool observe_deployment(Observed& out, const File& file);

/// SECURITY.md, cards, licences, digest manifests, signatures, .env.
bool observe_named_document(Observed& out, const File& file);
/// Markdown, reStructuredText, plain text.
bool observe_document(Observed& out, const File& file);

/// JSON and YAML: configuration of models and agents, prompts in fields; also .ipynb.
bool observe_config(Observed& out, const File& file);
/// Files that are a prompt as a whole: prompts/answer.md, CLAUDE.md, *.prompty.
bool observe_prompt_file(Observed& out, const File& file);

/// Adds the chat template of a tokenizer as a part of the file, and says so in its attributes.
void add_chat_template(Observed& out, const File& file, std::string_view text, std::uint32_t line);

/// Whether a JSON or YAML file is one of a family with its own observer (a manifest, a workflow).
[[nodiscard]] bool is_lock_file_name(std::string_view lower_name);

}  // namespace inventory
