#include "control/pass_through.h"

#include <gtest/gtest.h>

namespace control {
namespace {

TEST(PassThrough, ChangesNothingInEitherDirection) {
  const auto controls = make_pass_through("models");
  const auto exchange = controls->begin();
  RequestHead request;
  request.method = "POST";
  request.target = "/v1/chat/completions?beta=true";
  ASSERT_EQ(exchange->head(request).kind, Step::Kind::go_on);
  EXPECT_EQ(exchange->plan().upstream, "models");
  EXPECT_EQ(exchange->plan().target, "/v1/chat/completions?beta=true");
  EXPECT_EQ(exchange->plan().body, Plan::Body::stream);
  EXPECT_TRUE(exchange->plan().added.empty());

  std::string sent;
  ASSERT_EQ(exchange->request_data("{\"a\"", false, sent).kind, Step::Kind::go_on);
  ASSERT_EQ(exchange->request_data(":1}", true, sent).kind, Step::Kind::go_on);
  EXPECT_EQ(sent, "{\"a\":1}");

  std::vector<OwnField> fields = {{"content-type", "text/event-stream"}};
  ASSERT_EQ(exchange->answer_head(200, fields).kind, Step::Kind::go_on);
  EXPECT_TRUE(exchange->passes_unchanged());
  EXPECT_EQ(fields, (std::vector<OwnField>{{"content-type", "text/event-stream"}}));
  std::string received;
  ASSERT_EQ(exchange->answer_data("data: \xc3", false, received).kind, Step::Kind::go_on);
  ASSERT_EQ(exchange->answer_data("\xa9\n\n", true, received).kind, Step::Kind::go_on);
  EXPECT_EQ(received, "data: \xc3\xa9\n\n");
  exchange->finish(End::complete);
}

}  // namespace
}  // namespace control
