#include "monitor/log_reader.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"

namespace monitor {
namespace {

/// A file of the fuzz corpus, without the byte that chooses the reader.
std::string corpus(const std::string& name) {
  std::ifstream file(std::string(SOURCE_DIR) + "/corpus/monitor_log_fuzz/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str().substr(1);
}
Exchange only(const std::string& name, LogFormat format) {
  const auto line = read_log_line(corpus(name));
  EXPECT_TRUE(line) << line.error().message;
  if (!line || line->exchanges.size() != 1) {
    ADD_FAILURE() << "not one exchange";
    return {};
  }
  EXPECT_EQ(line->format, format);
  return line->exchanges.front();
}

TEST(LogLine, ReadsAPairOfOpenAi) {
  const Exchange one = only("openai", LogFormat::openai);
  EXPECT_EQ(one.key, "team-a");
  EXPECT_EQ(one.model, "gpt-4o");
  EXPECT_EQ(one.unix_milliseconds, 1793613600500);
  EXPECT_EQ(one.fields.latency_microseconds, 812'500U);
  EXPECT_EQ(one.fields.first_token_microseconds, 120'000U);
  EXPECT_EQ(one.fields.input_tokens, 21U);
  EXPECT_EQ(one.fields.output_tokens, 9U);
  EXPECT_EQ(one.fields.temperature_zero, Answer::yes);
  EXPECT_EQ(one.fields.log_probabilities, Answer::yes);
  EXPECT_EQ(one.fields.failed, Answer::no);
  EXPECT_EQ(one.fields.finish, Finish::tool_calls);
  EXPECT_EQ(one.prompt, "Where is my parcel?");
  EXPECT_EQ(one.answer, "It is on its way.");
  EXPECT_EQ(one.fingerprint, "fp_1");
  EXPECT_EQ(one.answering_model, "gpt-4o-2024-08-06");
  EXPECT_EQ(one.tools, std::vector<std::string>{"track"});
}

TEST(LogLine, ReadsMessagesOfAnthropic) {
  const Exchange one = only("anthropic", LogFormat::openai);
  EXPECT_EQ(one.key, "u");
  EXPECT_EQ(one.model, "claude");
  EXPECT_EQ(one.unix_milliseconds, 1793613600000);
  EXPECT_EQ(one.fields.finish, Finish::stop);
  EXPECT_EQ(one.fields.input_tokens, 5U);
  EXPECT_EQ(one.prompt, "Hello there");
  EXPECT_EQ(one.answer, "Hello.");
  EXPECT_EQ(one.tools, std::vector<std::string>{"search"});
  EXPECT_EQ(one.fields.latency_microseconds, kNotMeasured);
}

TEST(LogLine, ReadsResponsesOfOpenAi) {
  const Exchange one = only("responses", LogFormat::openai);
  EXPECT_EQ(one.unix_milliseconds, 1793613600123);
  EXPECT_EQ(one.prompt, "Explain tides");
  EXPECT_EQ(one.answer, "The moon");
  EXPECT_EQ(one.fields.finish, Finish::length);
  EXPECT_EQ(one.tools, std::vector<std::string>{"lookup"});
  EXPECT_EQ(one.key, "(unnamed)");
}

TEST(LogLine, ReadsSpansUnderNewAndOldNames) {
  const auto line = read_log_line(corpus("otlp"));
  ASSERT_TRUE(line) << line.error().message;
  ASSERT_EQ(line->exchanges.size(), 2U);
  const Exchange& fresh = line->exchanges[0];
  EXPECT_EQ(fresh.key, "shop");
  EXPECT_EQ(fresh.model, "gpt-4o");
  EXPECT_EQ(fresh.unix_milliseconds, 1793613600800);
  EXPECT_EQ(fresh.fields.latency_microseconds, 800'000U);
  EXPECT_EQ(fresh.fields.input_tokens, 20U);
  EXPECT_EQ(fresh.fields.output_tokens, 7U);
  EXPECT_EQ(fresh.fields.finish, Finish::stop);
  EXPECT_EQ(fresh.prompt, "Where is it?");
  EXPECT_EQ(fresh.answer, "Here.");
  EXPECT_EQ(fresh.fields.failed, Answer::no);
  const Exchange& old = line->exchanges[1];
  EXPECT_EQ(old.fields.input_tokens, 4U);
  EXPECT_EQ(old.prompt, "old names");
  EXPECT_EQ(old.fields.failed, Answer::yes);
}

TEST(LogLine, ReadsGenerationsAndScoresOfLangfuse) {
  const Exchange one = only("langfuse", LogFormat::langfuse);
  EXPECT_EQ(one.key, "u7");
  EXPECT_EQ(one.fields.latency_microseconds, 1'250'000U);
  EXPECT_EQ(one.fields.first_token_microseconds, 300'000U);
  EXPECT_EQ(one.fields.input_tokens, 3U);
  EXPECT_EQ(one.fields.output_tokens, 2U);
  EXPECT_EQ(one.prompt, "Hi");
  EXPECT_EQ(one.answer, "Hello");
  const auto score = read_log_line(corpus("score"));
  ASSERT_TRUE(score);
  ASSERT_EQ(score->feedback.size(), 1U);
  EXPECT_EQ(score->feedback[0].channel, "thumbs");
  EXPECT_EQ(score->feedback[0].label, "1");
  EXPECT_EQ(score->feedback[0].item, "t");
}

TEST(LogLine, ReadsPayloadsAndSpendLogsOfLiteLlm) {
  const Exchange one = only("litellm", LogFormat::litellm);
  EXPECT_EQ(one.key.substr(0, 8), "88dc28d0");
  EXPECT_EQ(one.model, "chat");
  EXPECT_EQ(one.fields.failed, Answer::yes);
  EXPECT_EQ(one.fields.refused, Answer::unknown) << "a failed exchange has no answer to be a refusal";
  EXPECT_EQ(one.fields.input_tokens, 11U);
  EXPECT_NEAR(one.fields.latency_microseconds, 1'800'000, 2'000);
  const Exchange spend = only("spend", LogFormat::litellm);
  EXPECT_EQ(spend.fields.latency_microseconds, 2'000'000U);
  EXPECT_EQ(spend.prompt, "x");
  EXPECT_EQ(spend.answer, "y");
  EXPECT_EQ(spend.fields.finish, Finish::stop);
}

TEST(LogLine, NeverTakesASecretForAName) {
  const Exchange spend = only("spend", LogFormat::litellm);
  EXPECT_EQ(spend.key.find("secret"), std::string::npos);
  EXPECT_TRUE(spend.key.starts_with("key:"));
}

TEST(LogLine, ReadsFeedback) {
  const auto line = read_log_line(corpus("feedback"));
  ASSERT_TRUE(line);
  ASSERT_EQ(line->feedback.size(), 1U);
  EXPECT_EQ(line->feedback[0].label, "down");
  EXPECT_EQ(line->feedback[0].unix_milliseconds, 1793613600000);
}

TEST(LogLine, NamesWhatIsWrong) {
  const auto wrong = [](std::string_view text) {
    const auto line = read_log_line(text);
    EXPECT_FALSE(line);
    return line ? std::string() : line.error().message;
  };
  EXPECT_NE(wrong("{"), "");
  EXPECT_NE(wrong("[1]").find("JSON object"), std::string::npos);
  EXPECT_NE(wrong("{\"a\":1}").find("no known shape"), std::string::npos);
  EXPECT_NE(wrong("{\"request\":{},\"response\":{}}").find("no time"), std::string::npos);
  EXPECT_NE(wrong("{\"time\":\"yesterday\",\"request\":{},\"response\":{}}").find("no time"), std::string::npos);
}

TEST(LogLine, RefusesOrReadsEveryTruncation) {
  for (const char* name :
       {"openai", "anthropic", "responses", "otlp", "langfuse", "score", "litellm", "spend", "feedback"}) {
    const std::string text = corpus(name);
    for (std::size_t size = 0; size < text.size(); ++size) {
      ASSERT_FALSE(read_log_line(std::string_view(text).substr(0, size))) << name << " " << size;
    }
  }
}

TEST(LogReader, CountsAndNamesLinesThatCannotBeRead) {
  int exchanges = 0;
  LogReader reader(
      std::nullopt, [&](const Exchange&) { ++exchanges; }, [](const Feedback&) {});
  std::string log;
  for (int i = 0; i < 50; ++i) {
    log += i % 2 == 0 ? corpus("openai") + "\r\n" : "nonsense\n";
  }
  log += "\n{\"resourceMetrics\":[]}\n" + corpus("openai");
  for (std::size_t at = 0; at < log.size(); at += 13) {  // in whatever parts it comes
    reader.add(std::string_view(log).substr(at, 13));
  }
  reader.finish();
  EXPECT_EQ(exchanges, 26);
  EXPECT_EQ(reader.lines(), 52U);
  EXPECT_EQ(reader.bad(), 25U);
  EXPECT_EQ(reader.other(), 1U);
  ASSERT_EQ(reader.bad_lines().size(), LogReader::kMostBadLines);
  EXPECT_EQ(reader.bad_lines()[0].line, 2U);
  EXPECT_EQ(reader.bad_lines()[1].line, 4U);
}

TEST(LogReader, PassesOverALineThatIsTooLong) {
  int exchanges = 0;
  LogReader reader(
      std::nullopt, [&](const Exchange&) { ++exchanges; }, [](const Feedback&) {});
  reader.add(corpus("openai") + "\n");
  const std::string part(1U << 20, 'x');
  for (std::size_t i = 0; i <= kMaxLogLineBytes / part.size(); ++i) {
    reader.add(part);
  }
  reader.add("\n" + corpus("openai") + "\n");
  reader.finish();
  EXPECT_EQ(exchanges, 2);
  EXPECT_EQ(reader.bad(), 1U);
  EXPECT_EQ(reader.bad_lines()[0].line, 2U);
}

}  // namespace
}  // namespace monitor
