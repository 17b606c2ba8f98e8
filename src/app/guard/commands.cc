// The subcommands of `surety guard`. One file each.
#include <array>

#include "app/guard/guard.h"

namespace app {
namespace {

constexpr Option kData = {
    "data", 'd', "FILE", "Labelled rows: JSON lines with text, label (benign, injection, jailbreak) and source.",
    "",     true};

constexpr std::array kTrainOptions = {
    kData, Option{"output", 'o', "FILE", "Where to write the model.", "", false},
    Option{"card", 0, "FILE", "Write a model card with what was measured; takes some minutes.", "", false}};

constexpr std::array kEvaluateOptions = {
    kData, Option{"model", 0, "FILE", "Evaluate this model instead of the built-in one.", "", false},
    Option{"obfuscated", 0, "", "Also measure each way of hiding the words.", "", false}};

constexpr std::array kGuardCommands = {
    Command{"guard evaluate", "measure the guard on labelled texts of yours", "", 0,
            "Scores every row and prints how many attacks are found at 5, 1 and 0.1 % of benign texts flagged, and at "
            "the score of 0.5. Rows that the model was trained from say nothing: use others.",
            "surety guard evaluate --data mine.jsonl\nsurety guard evaluate --data mine.jsonl --obfuscated",
            kEvaluateOptions, run_guard_evaluate},
    Command{
        "guard train", "train the guard from labelled texts", "", 0,
        "Trains a linear model over hashed words and pieces of words. Equal rows give an equal model. The card says "
        "what it finds of sources that it was not trained from, which is the figure that matters.",
        "surety guard train --data prompts.jsonl --data ours.jsonl --output guard.bin --card card.md", kTrainOptions,
        run_guard_train},
};

}  // namespace

std::span<const Command> guard_commands() {
  return kGuardCommands;
}

}  // namespace app
