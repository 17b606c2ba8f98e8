// How fast texts are inspected: literal rules beside Vectorscan alone, all detectors, the guard, bodies and streams.
//
//   inspect_speed [--rounds N] FILE...     texts to read, such as docs/*.md
//
// Prints one line of JSON for each figure. CPU time of this thread; the least of N rounds (default 5) unless said else.
#include <hs/hs.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "../clocks.h"
#include "base/json.h"
#include "guard/model.h"
#include "inspect/anchors.h"
#include "inspect/inspect.h"
#include "traffic/inspection.h"
#include "traffic/stream.h"

namespace {

double least(int rounds, const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < rounds; ++i) {
    const double start = bench::thread_cpu_seconds();
    work();
    best = std::min(best, bench::thread_cpu_seconds() - start);
  }
  return best;
}

void say(const char* what, double value, const char* unit) {
  std::printf("{\"what\":\"%s\",\"value\":%.4g,\"unit\":\"%s\"}\n", what, value, unit);
}

/// Vectorscan by itself over the same literals, as its manual says to use it.
double vectorscan_seconds(const std::string& text, int rounds) {
  std::vector<const char*> texts;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  std::vector<std::size_t> sizes;
  std::vector<std::string> kept;
  const std::size_t count = inspect::anchor_count();
  kept.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    kept.emplace_back(inspect::anchor(i).text);
    texts.push_back(kept.back().data());
    flags.push_back(inspect::anchor_ignores_case(i) ? HS_FLAG_CASELESS : 0U);
    ids.push_back(i);
    sizes.push_back(kept.back().size());
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), sizes.data(), static_cast<unsigned>(count),
                           HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    std::fprintf(stderr, "inspect_speed: %s\n", error->message);
    std::exit(5);
  }
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) {
    std::exit(5);
  }
  std::uint64_t hits = 0;
  const double best = least(rounds, [&] {
    hs_scan(
        database, text.data(), static_cast<unsigned>(text.size()), 0, scratch,
        [](unsigned, unsigned long long, unsigned long long, unsigned, void* data) {
          ++*static_cast<std::uint64_t*>(data);
          return 0;
        },
        &hits);
  });
  hs_free_scratch(scratch);
  hs_free_database(database);
  return best;
}

std::shared_ptr<const traffic::Inspection> everything() {
  traffic::Policy policy;
  for (const traffic::Detector detector :
       {traffic::Detector::secret, traffic::Detector::personal, traffic::Detector::html, traffic::Detector::link,
        traffic::Detector::code, traffic::Detector::canary}) {
    policy.rule(detector) = {true, traffic::Action::redact, inspect::Certainty::medium};
  }
  policy.canaries = {"canary-7f3a9c51e8d2"};
  auto made = traffic::Inspection::create(policy);
  return *made;
}

/// Time that each event of a stream takes: parsed, inspected, written.
void stream(const char* name, traffic::Route route, const std::string& text, const std::string& before,
            const std::string& behind) {
  const auto policy = everything();
  std::vector<double> times;
  for (int round = 0; round < 3; ++round) {
    traffic::AnswerInspector inspector(route, traffic::AnswerForm::events, policy);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = std::min(text.size(), at + 4);
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
        ++end;
      }
      const std::string event = before + base::json_quoted(text.substr(at, end - at)) + behind;
      out.clear();
      const double start = bench::thread_cpu_seconds();
      const auto outcome = inspector.feed(event, false, out);
      times.push_back(bench::thread_cpu_seconds() - start);
      if (!outcome) {
        std::fprintf(stderr, "inspect_speed: %s\n", outcome.error().message.c_str());
        std::exit(5);
      }
      at = end;
    }
  }
  std::sort(times.begin(), times.end());
  say((std::string(name) + ", a token of 4 bytes, median").c_str(), times[times.size() / 2] * 1e6, "microseconds");
  say((std::string(name) + ", a token of 4 bytes, 99th of 100").c_str(), times[times.size() * 99 / 100] * 1e6,
      "microseconds");
}

}  // namespace

int main(int count, char** words) {
  int rounds = 5;
  std::string text;
  for (int i = 1; i < count; ++i) {
    if (std::string(words[i]) == "--rounds" && i + 1 < count) {
      rounds = std::max(1, std::atoi(words[++i]));
      continue;
    }
    std::ifstream file(words[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "inspect_speed: cannot read %s\n", words[i]);
      return 2;
    }
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  if (text.size() < 4096) {
    std::fprintf(stderr, "usage: inspect_speed [--rounds N] FILE... (4 KiB of text at least)\n");
    return 2;
  }
  std::string large;
  while (large.size() < (32U << 20)) {
    large += text;
  }
  const double size = static_cast<double>(large.size());

  std::vector<inspect::LiteralHit> hits;
  inspect::all_anchors().find(large, hits);  // compiles
  const double ours = least(rounds, [&] {
    hits.clear();
    inspect::all_anchors().find(large, hits);
  });
  const double library = vectorscan_seconds(large, rounds);
  const double table = least(1, [&] {
    hits.clear();
    inspect::all_anchors().find(large, hits, inspect::LiteralFinder::Engine::table);
  });
  say("literal rules", size / ours / 1e9, "GB/s");
  say("literal rules, Vectorscan alone", size / library / 1e9, "GB/s");
  say("literal rules, share of Vectorscan's speed", library / ours, "");
  say("literal rules, table of first bytes", size / table / 1e9, "GB/s");
  const double all = least(rounds, [&] { (void)inspect::find_all(large); });
  say("all detectors of surety inspect", size / all / 1e9, "GB/s");

  // Prompts of 2 KiB, all different, so that nothing is remembered.
  std::vector<std::string> prompts;
  for (std::size_t at = 0; at + 2048 <= text.size() && prompts.size() < 200; at += 1536) {
    prompts.push_back(text.substr(at, 2048));
  }
  const double parts = static_cast<double>(prompts.size());
  const auto& model = guard::Model::built_in();
  say("guard, a prompt of 2 KiB",
      least(rounds,
            [&] {
              for (const std::string& prompt : prompts) {
                (void)model.score(prompt);
              }
            }) /
          parts * 1e6,
      "microseconds");

  const auto policy = everything();
  std::vector<std::string> bodies;
  for (const std::string& prompt : prompts) {
    bodies.push_back(
        R"({"model":"m","stream":true,"messages":[{"role":"system","content":"You help."},{"role":"user","content":)" +
        base::json_quoted(prompt) + "}]}");
  }
  say("request of 2 KiB, read",
      least(rounds,
            [&] {
              for (const std::string& body : bodies) {
                (void)traffic::read_request(traffic::Route::chat_completions, body);
              }
            }) /
          parts * 1e6,
      "microseconds");
  say("request of 2 KiB, read and inspected",
      least(rounds,
            [&] {
              for (const std::string& body : bodies) {
                auto request = traffic::read_request(traffic::Route::chat_completions, body);
                std::string copy = body;
                (void)traffic::inspect_blocks(*policy, request->json, request->blocks, copy);
              }
            }) /
          parts * 1e6,
      "microseconds");

  const std::string part = text.substr(0, std::min<std::size_t>(text.size(), 60000));
  stream(
      "chat completions", traffic::Route::chat_completions, part,
      R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":)",
      "},\"finish_reason\":null}]}\n\n");
  stream("messages", traffic::Route::messages, part,
         "event: content_block_delta\ndata: "
         "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":",
         "}}\n\n");
  stream("responses", traffic::Route::responses, part,
         "event: response.output_text.delta\ndata: "
         "{\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"item_id\":\"m\",\"output_index\":0,"
         "\"content_index\":0,"
         "\"delta\":",
         "}\n\n");
  stream("arguments of tools", traffic::Route::messages, part,
         "event: content_block_delta\ndata: "
         "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":",
         "}}\n\n");
  return 0;
}
