#include "guard/train.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <set>
#include <thread>
#include <unordered_set>

#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

namespace guard {
namespace {

constexpr std::size_t kFolds = 5;

constexpr std::size_t kShingleWords = 4;

// A row made ready: the features of its plain view, and each run of four words with the place where it begins and ends.
struct Shingle {
  std::uint64_t hash = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
struct Sample {
  std::vector<Feature> features;
  std::vector<std::vector<Feature>> other_views;  ///< Of a benign text: what it can be read as by mistake.
  std::vector<Shingle> shingles;
  bool attack = false;
};

// Amounts, dates and numbers differ between letters of one kind, which are the same passage otherwise.
std::uint64_t hash_of_word(std::string_view word) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  bool in_number = false;
  for (const char c : word) {
    const bool digit = c >= '0' && c <= '9';
    if (in_number && (digit || c == '.' || c == ',')) {
      continue;
    }
    in_number = digit;
    hash = (hash ^ static_cast<unsigned char>(digit ? '0' : c)) * 0x100000001B3ULL;
  }
  return hash;
}

std::vector<Shingle> shingles_of(std::string_view text) {
  struct Word {
    std::uint64_t hash;
    std::uint32_t begin;
    std::uint32_t end;
  };
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ' || text[at] == '\t' || text[at] == '\n') {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    at = std::min(text.find_first_of(" \t\n", at), text.size());
    words.push_back({hash_of_word(text.substr(begin, at - begin)), static_cast<std::uint32_t>(begin),
                     static_cast<std::uint32_t>(at)});
  }
  std::vector<Shingle> shingles;
  for (std::size_t i = 0; i + kShingleWords <= words.size(); ++i) {
    Shingle shingle{0, words[i].begin, words[i + kShingleWords - 1].end};
    for (std::size_t j = i; j < i + kShingleWords; ++j) {
      shingle.hash = (shingle.hash ^ words[j].hash) * 0x9E3779B97F4A7C15ULL;
    }
    shingles.push_back(shingle);
  }
  return shingles;
}

std::vector<Sample> prepare(std::span<const Row> rows, unsigned log2_size, const Bigrams& bigrams) {
  std::vector<Sample> samples;
  samples.reserve(rows.size());
  for (const Row& row : rows) {
    Sample& sample = samples.emplace_back();
    sample.attack = row.attack;
    const std::vector<View> views = views_of(row.text, bigrams);
    features_of(views.front().text, log2_size, sample.features);
    sample.shingles = shingles_of(views.front().text);
    for (std::size_t i = 1; i < views.size() && !row.attack; ++i) {
      features_of(views[i].text, log2_size, sample.other_views.emplace_back());
    }
  }
  return samples;
}

// Conditional probabilities of letters after letters, with one added to each count.
Bigrams bigrams_of(std::span<const Row> rows) {
  std::array<std::array<double, 26>, 26> counts{};
  for (auto& row : counts) {
    row.fill(1);
  }
  for (const Row& row : rows) {
    char before = '\0';
    for (const char c : plain_view(row.text).text) {
      const bool letter = c >= 'a' && c <= 'z';
      if (letter && before != '\0') {
        counts[static_cast<std::size_t>(before - 'a')][static_cast<std::size_t>(c - 'a')] += 1;
      }
      before = letter ? c : '\0';
    }
  }
  Bigrams out;
  for (std::size_t a = 0; a < 26; ++a) {
    const double total = std::accumulate(counts[a].begin(), counts[a].end(), 0.0);
    for (std::size_t b = 0; b < 26; ++b) {
      out.log_probability[a * Bigrams::kLetters + b] = static_cast<float>(std::log(counts[a][b] / total));
    }
  }
  return out;
}

struct Weights {
  std::vector<float> values;
  float bias = 0;
};

// The features of an attack without those of passages that benign rows hold too: a letter into which an instruction was
// planted is no attack where the instruction is not.
std::vector<Feature> without_benign_passages(const Sample& sample, const std::unordered_set<std::uint64_t>& benign) {
  std::vector<Feature> kept;
  std::size_t next = 0;  // shingles before this one begin at or before the feature
  std::uint32_t covered_to = 0;
  for (const Feature& feature : sample.features) {
    while (next < sample.shingles.size() && sample.shingles[next].begin <= feature.at) {
      if (benign.contains(sample.shingles[next].hash)) {
        covered_to = std::max(covered_to, sample.shingles[next].end);
      }
      ++next;
    }
    if (feature.at >= covered_to) {
      kept.push_back(feature);
    }
  }
  return kept;
}

// Logistic regression by AdaGrad. Each step looks at the window that counts most now, as scoring does, and at the
// whole.
Weights fit(const std::vector<Sample>& samples, std::span<const std::size_t> chosen, const TrainingOptions& options) {
  const std::size_t size = std::size_t{1} << options.log2_size;
  Weights weights{std::vector<float>(size, 0.0F), 0};
  // What the sums of squares begin with: with less, a word that one row has counts as much as one that all have.
  constexpr float kFirstSquare = 1e-4F;
  std::vector<float> squares(size, kFirstSquare);
  float bias_square = 1e-6F;
  std::vector<std::size_t> order(chosen.begin(), chosen.end());
  std::mt19937_64 random(options.seed);
  std::unordered_set<std::uint64_t> benign;
  for (const std::size_t i : chosen) {
    if (!samples[i].attack) {
      for (const Shingle& shingle : samples[i].shingles) {
        benign.insert(shingle.hash);
      }
    }
  }
  std::vector<std::vector<Feature>> attacks(samples.size());
  std::unordered_set<std::uint64_t> carried;  // passages that stand in benign rows and in attacks
  for (const std::size_t i : chosen) {
    if (samples[i].attack) {
      attacks[i] = without_benign_passages(samples[i], benign);
      for (const Shingle& shingle : samples[i].shingles) {
        if (benign.contains(shingle.hash)) {
          carried.insert(shingle.hash);
        }
      }
    }
  }
  std::vector<float> importance(samples.size(), 1.0F);
  for (const std::size_t i : chosen) {
    const bool is_carrier =
        !samples[i].attack && std::any_of(samples[i].shingles.begin(), samples[i].shingles.end(),
                                          [&](const Shingle& shingle) { return carried.contains(shingle.hash); });
    importance[i] = is_carrier ? options.carrier_weight : 1.0F;
  }
  const auto step = [&](const std::vector<Feature>& features, bool attack, std::size_t first, std::size_t last,
                        float weight) {
    float sum = weights.bias;
    const float scale = scale_of(last - first);
    for (std::size_t i = first; i < last; ++i) {
      sum += weights.values[features[i].index] * scale;
    }
    const float predicted = 1 / (1 + std::exp(-sum));
    const float error = (predicted - (attack ? 1.0F : 0.0F)) * weight;
    if (std::abs(error) < 1e-4F) {
      return;
    }
    for (std::size_t i = first; i < last; ++i) {
      const std::uint32_t index = features[i].index;
      float& value = weights.values[index];
      const float gradient = error * scale + options.l2 * value;
      squares[index] += gradient * gradient;
      value -= options.learning_rate * gradient / std::sqrt(squares[index]);
    }
    bias_square += error * error;
    weights.bias -= options.learning_rate * error / std::sqrt(bias_square);
  };
  Weights sums{std::vector<float>(options.averaged > 0 ? size : 0, 0.0F), 0};
  for (unsigned epoch = 0; epoch < options.epochs; ++epoch) {
    // Not std::shuffle, whose result differs between libraries.
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[random() % i]);
    }
    for (const std::size_t chosen_sample : order) {
      const bool attack = samples[chosen_sample].attack;
      const std::vector<Feature>& features = attack ? attacks[chosen_sample] : samples[chosen_sample].features;
      if (features.empty()) {
        continue;  // nothing but passages of benign rows: it says nothing
      }
      const Window window =
          epoch == 0 ? Window{0, 0, features.size()} : best_window(features, weights.values, 1, weights.bias);
      step(features, attack, window.first, window.last, importance[chosen_sample]);
      for (const std::vector<Feature>& view : samples[chosen_sample].other_views) {
        if (!view.empty()) {
          const Window there = best_window(view, weights.values, 1, weights.bias);
          step(view, false, there.first, there.last, 1);
        }
      }
      const std::vector<Feature>& whole = samples[chosen_sample].features;
      if (attack && features.size() < whole.size()) {
        const Window around = best_window(whole, weights.values, 1, weights.bias);
        step(whole, attack, around.first, around.last, options.whole_weight);
      }
    }
    if (epoch + options.averaged >= options.epochs) {
      for (std::size_t i = 0; i < size; ++i) {
        sums.values[i] += weights.values[i];
      }
      sums.bias += weights.bias;
    }
  }
  if (const unsigned count = std::min(options.averaged, options.epochs); count > 0) {
    for (float& value : sums.values) {
      value /= static_cast<float>(count);
    }
    sums.bias /= static_cast<float>(count);
    return sums;
  }
  return weights;
}

// Sources of one origin, "spikee-llm-mailbox" and "spikee-sysmsg-direct".
std::string_view family_of(std::string_view source) {
  return source.substr(0, source.find('-'));
}

std::size_t fold_of(const Row& row) {
  return base::sha256(row.text).bytes[0] % kFolds;
}

Model model_of(const Weights& weights, const TrainingOptions& options, Bigrams bigrams, float threshold) {
  Model::Parameters parameters;
  parameters.log2_size = options.log2_size;
  parameters.bias = weights.bias;
  parameters.bigrams = std::move(bigrams);
  parameters.threshold = threshold;
  return Model(weights.values, std::move(parameters));
}

// The raw score that a model without threshold turns into `score`.
float raw_of(float score) {
  const float bounded = std::clamp(score, 1e-7F, 1 - 1e-7F);
  return std::log(bounded / (1 - bounded));
}

// The score that `share` of the values exceed.
float exceeded_by(std::vector<float> values, double share) {
  if (values.empty()) {
    return 0.5F;
  }
  std::sort(values.begin(), values.end(), std::greater<>());
  const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(place, values.size() - 1)];
}

// Calls `work` for each number below `count`, on all processors. Trainings know nothing of each other, so that what
// they give does not depend on how many run at once.
template <class Work>
void each_at_once(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      work(i);
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min<std::size_t>(count, std::max(1U, std::thread::hardware_concurrency())); ++i) {
    threads.emplace_back(run);
  }
  run();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

std::vector<float> scores_by_folds(std::span<const Row> rows, const std::vector<Sample>& samples,
                                   const TrainingOptions& options, const Bigrams& bigrams) {
  std::vector<float> scores(rows.size());
  std::vector<std::size_t> folds(rows.size());
  std::transform(rows.begin(), rows.end(), folds.begin(), fold_of);
  each_at_once(kFolds, [&](std::size_t fold) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (folds[i] != fold) {
        chosen.push_back(i);
      }
    }
    const Model model = model_of(fit(samples, chosen, options), options, bigrams, 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (folds[i] == fold) {
        scores[i] = model.score(rows[i].text).value;
      }
    }
  });
  return scores;
}

}  // namespace

base::Result<std::vector<Row>> parse_rows(std::string_view lines) {
  std::vector<Row> rows;
  std::uint32_t number = 0;
  for (const std::string_view line : base::split(lines, '\n')) {
    ++number;
    if (base::trim(line).empty()) {
      continue;
    }
    const auto fail = [&](std::string message) {
      base::Error error{base::Errc::malformed, std::move(message)};
      error.line = number;
      return error;
    };
    const auto value = base::parse_json(line);
    if (!value) {
      return fail(value.error().message);
    }
    const std::string_view label = (*value)["label"].as_text();
    const bool attack = label == "injection" || label == "jailbreak" || label == "attack";
    if (!attack && label != "benign") {
      return fail("label: \"" + base::printable(label) + "\" is not benign, injection, jailbreak or attack");
    }
    if (!(*value)["text"].is_string()) {
      return fail("text: missing");
    }
    rows.push_back({std::string((*value)["text"].as_text()), attack, std::string((*value)["source"].as_text("none"))});
  }
  return rows;
}

Model train(std::span<const Row> rows, const TrainingOptions& options) {
  Bigrams bigrams = bigrams_of(rows);
  const std::vector<Sample> samples = prepare(rows, options.log2_size, bigrams);
  const std::vector<float> scores = scores_by_folds(rows, samples, options, bigrams);
  std::vector<float> benign;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].attack) {
      benign.push_back(scores[i]);
    }
  }
  std::vector<std::size_t> all(rows.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return model_of(fit(samples, all, options), options, std::move(bigrams),
                  raw_of(exceeded_by(std::move(benign), kFlaggedShare)));
}

std::vector<float> cross_validated_scores(std::span<const Row> rows, const TrainingOptions& options) {
  const Bigrams bigrams = bigrams_of(rows);
  return scores_by_folds(rows, prepare(rows, options.log2_size, bigrams), options, bigrams);
}

Quality quality_of(std::span<const float> attack_scores, std::span<const float> benign_scores) {
  Quality quality;
  quality.attacks = attack_scores.size();
  quality.benign = benign_scores.size();
  if (attack_scores.empty() || benign_scores.empty()) {
    return quality;
  }
  std::vector<float> attacks(attack_scores.begin(), attack_scores.end());
  std::vector<float> benign(benign_scores.begin(), benign_scores.end());
  std::sort(attacks.begin(), attacks.end());
  std::sort(benign.begin(), benign.end());
  double above = 0;  // pairs in which the attack scores higher; equal ones count half
  for (const float score : attacks) {
    const auto below = std::lower_bound(benign.begin(), benign.end(), score) - benign.begin();
    const auto up_to = std::upper_bound(benign.begin(), benign.end(), score) - benign.begin();
    above += static_cast<double>(below) + 0.5 * static_cast<double>(up_to - below);
  }
  quality.area_under_curve = above / static_cast<double>(attacks.size()) / static_cast<double>(benign.size());
  const auto recall = [&](double share) {
    const float threshold = exceeded_by(benign, share);
    const auto found = attacks.end() - std::upper_bound(attacks.begin(), attacks.end(), threshold);
    return static_cast<double>(found) / static_cast<double>(attacks.size());
  };
  quality.recall_at_5_percent = recall(0.05);
  quality.recall_at_1_percent = recall(0.01);
  quality.recall_at_a_thousandth = recall(0.001);
  return quality;
}

std::vector<LeftOut> leave_one_family_out(std::span<const Row> rows, const TrainingOptions& options,
                                          const std::function<void(const LeftOut&)>& on_progress) {
  const Bigrams bigrams = bigrams_of(rows);
  const std::vector<Sample> samples = prepare(rows, options.log2_size, bigrams);
  std::map<std::string, std::set<std::string>> families;
  for (const Row& row : rows) {
    families[std::string(family_of(row.source))].insert(row.source);
  }
  std::vector<const std::pair<const std::string, std::set<std::string>>*> order;
  order.reserve(families.size());
  for (const auto& family : families) {
    order.push_back(&family);
  }
  const std::vector<float> scores = scores_by_folds(rows, samples, options, bigrams);
  std::vector<LeftOut> out;
  std::mutex progress;
  each_at_once(order.size(), [&](std::size_t place) {
    const auto& [family, sources] = *order[place];
    std::vector<std::size_t> chosen;
    std::vector<float> other_benign;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (family_of(rows[i].source) != family) {
        chosen.push_back(i);
        if (!rows[i].attack) {
          other_benign.push_back(scores[i]);
        }
      }
    }
    const Model model = model_of(fit(samples, chosen, options), options, bigrams, 0);
    const float threshold = exceeded_by(std::move(other_benign), kFlaggedShare);
    for (const std::string& source : sources) {
      LeftOut result;
      result.source = source;
      std::size_t found = 0;
      std::size_t flagged = 0;
      for (const Row& row : rows) {
        if (row.source != source) {
          continue;
        }
        const bool above = model.score(row.text).value > threshold;
        (row.attack ? result.attacks : result.benign) += 1;
        (row.attack ? found : flagged) += above ? 1U : 0U;
      }
      result.recall = result.attacks == 0 ? 0 : static_cast<double>(found) / static_cast<double>(result.attacks);
      result.flagged = result.benign == 0 ? 0 : static_cast<double>(flagged) / static_cast<double>(result.benign);
      const std::lock_guard lock(progress);
      on_progress(result);
      out.push_back(std::move(result));
    }
  });
  std::sort(out.begin(), out.end(), [](const LeftOut& a, const LeftOut& b) { return a.source < b.source; });
  return out;
}

}  // namespace guard
