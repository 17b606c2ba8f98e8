#include "gateway/admin.h"

#include <openssl/crypto.h>

#include "base/text.h"
#include "gateway/head.h"

namespace gateway {
namespace {

using control::Answer;
using control::Step;

constexpr std::uint64_t kMaxBodyBytes = 1U << 20;

Answer text_answer(unsigned status, std::string_view type, std::string body) {
  Answer answer;
  answer.status = status;
  answer.fields = {{"content-type", std::string(type)}, {"cache-control", "no-store"}};
  answer.body = std::move(body);
  return answer;
}

class AdminExchange final : public control::Exchange {
 public:
  explicit AdminExchange(const AdminParts& parts) : parts_(parts) { plan_.max_body_bytes = kMaxBodyBytes; }

  void on_wake(std::function<void()> /*waker*/) override {}
  Step resume(std::string& /*out*/) override { return {}; }

  Step head(const control::RequestHead& head) override {
    const std::size_t query = head.target.find('?');
    request_.method = head.method;
    request_.path = head.target.substr(0, query);
    request_.query = query == std::string_view::npos ? "" : head.target.substr(query + 1);
    request_.peer = head.peer;
    std::string_view origin;
    std::string_view host;
    std::string_view authorization;
    for (const control::Field& field : head.fields) {
      if (base::equals_ignoring_case(field.name, "origin")) {
        origin = field.value;
      } else if (base::equals_ignoring_case(field.name, "host")) {
        host = field.value;
      } else if (base::equals_ignoring_case(field.name, "authorization")) {
        authorization = field.value;
      }
    }
    if (!origin.empty() && origin != "http://" + std::string(host) && origin != "https://" + std::string(host)) {
      return {Step::Kind::answer, failure_answer(403, "permission_error", "a page of another origin asks")};
    }
    const std::string expected = "Bearer " + parts_.token;
    if (!parts_.token.empty() && request_.path != "/healthz" &&
        (authorization.size() != expected.size() ||
         CRYPTO_memcmp(authorization.data(), expected.data(), expected.size()) != 0)) {
      return {Step::Kind::answer, failure_answer(401, "authentication_error", "the admin listener wants its token")};
    }
    plan_.body = control::Plan::Body::whole;
    return {};
  }

  [[nodiscard]] const control::Plan& plan() const override { return plan_; }

  Step body(std::string& body) override {
    request_.body.swap(body);
    return {Step::Kind::answer, answer()};
  }

  Step request_data(std::string_view /*data*/, bool /*last*/, std::string& /*out*/) override { return {}; }
  Step answer_head(unsigned /*status*/, std::vector<control::OwnField>& /*fields*/) override { return {}; }
  [[nodiscard]] bool passes_unchanged() const override { return false; }
  Step answer_data(std::string_view /*data*/, bool /*last*/, std::string& /*out*/) override { return {}; }
  void finish(control::End /*end*/) override {}

 private:
  Answer answer() {
    const bool reads = request_.method == "GET" || request_.method == "HEAD";
    if (request_.path == "/healthz" && reads) {
      return text_answer(200, "text/plain", "alive\n");
    }
    if (request_.path == "/readyz" && reads) {
      const bool ready = parts_.ready();
      return text_answer(ready ? 200 : 503, "text/plain", ready ? "ready\n" : "draining\n");
    }
    const auto pages = parts_.pages();
    if (request_.path == "/metrics" && reads) {
      std::string out;
      parts_.metrics(out);
      if (pages != nullptr) {
        pages->add_metrics(out);
      }
      return text_answer(200, "text/plain; version=0.0.4", std::move(out));
    }
    if (pages != nullptr) {
      if (auto found = pages->answer(request_)) {
        return *std::move(found);
      }
    }
    return failure_answer(404, "not_found_error", "the admin listener has no such page");
  }

  const AdminParts& parts_;
  AdminRequest request_;
  control::Plan plan_;
};

class AdminControls final : public control::Controls {
 public:
  explicit AdminControls(AdminParts parts) : parts_(std::move(parts)) {}
  std::unique_ptr<control::Exchange> begin() override { return std::make_unique<AdminExchange>(parts_); }

 private:
  AdminParts parts_;
};

}  // namespace

std::shared_ptr<control::Controls> make_admin_controls(AdminParts parts) {
  return std::make_shared<AdminControls>(std::move(parts));
}

}  // namespace gateway
