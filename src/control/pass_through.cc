#include "control/pass_through.h"

namespace control {
namespace {

class PassThroughExchange final : public Exchange {
 public:
  explicit PassThroughExchange(const std::string& upstream) {
    plan_.upstream = upstream;
    plan_.body = Plan::Body::stream;
  }
  void on_wake(std::function<void()> /*waker*/) override {}
  Step resume(std::string& /*out*/) override { return {}; }
  Step head(const RequestHead& request) override {
    plan_.target = request.target;
    return {};
  }
  [[nodiscard]] const Plan& plan() const override { return plan_; }
  Step body(std::string& /*body*/) override { return {}; }
  Step request_data(std::string_view data, bool /*last*/, std::string& out) override {
    out.append(data);
    return {};
  }
  Step answer_head(unsigned /*status*/, std::vector<OwnField>& /*fields*/) override { return {}; }
  [[nodiscard]] bool passes_unchanged() const override { return true; }
  Step answer_data(std::string_view data, bool /*last*/, std::string& out) override {
    out.append(data);
    return {};
  }
  void finish(End /*end*/) override {}

 private:
  Plan plan_;
};

class PassThrough final : public Controls {
 public:
  explicit PassThrough(std::string upstream) : upstream_(std::move(upstream)) {}
  std::unique_ptr<Exchange> begin() override { return std::make_unique<PassThroughExchange>(upstream_); }

 private:
  std::string upstream_;
};

}  // namespace

std::unique_ptr<Controls> make_pass_through(std::string upstream) {
  return std::make_unique<PassThrough>(std::move(upstream));
}

}  // namespace control
