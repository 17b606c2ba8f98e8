#include "control/drive.h"

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/text.h"

namespace control {
namespace {

/// Counts wakes, so that none is missed.
struct Bell {
  std::mutex mutex;
  std::condition_variable rang;
  std::size_t wakes = 0;
  std::size_t taken = 0;

  void ring() {
    {
      const std::lock_guard lock(mutex);
      ++wakes;
    }
    rang.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    rang.wait(lock, [&] { return wakes > taken; });
    taken = wakes;
  }
};

class Driver {
 public:
  explicit Driver(Controls& controls) : exchange_(controls.begin()) {
    exchange_->on_wake([bell = bell_] { bell->ring(); });
  }

  DrivenResult run(const DrivenExchange& driven) {
    on_wait_ = driven.on_wait;
    std::vector<Field> fields;
    for (const auto& [name, value] : driven.fields) {
      fields.push_back({name, value});
    }
    RequestHead head;
    head.method = driven.method;
    head.target = driven.target;
    head.fields = fields;
    head.peer = "127.0.0.1";
    head.certificate = driven.certificate;
    head.certificate_name = driven.certificate_name;
    std::string body = driven.body;
    if (settle(exchange_->head(head)) && settle(exchange_->body(body))) {
      pass(driven, body);
    }
    exchange_->finish(refused_ ? End::refused : End::complete);
    result_.refused = refused_;
    return std::move(result_);
  }

 private:
  void pass(const DrivenExchange& driven, const std::string& body) {
    const Plan& plan = exchange_->plan();
    result_.reached_upstream = true;
    result_.upstream = plan.upstream;
    result_.upstream_target = plan.target;
    result_.upstream_body = body;
    for (const OwnField& field : driven.fields) {
      const auto is_named = [&](std::string_view name) { return base::equals_ignoring_case(name, field.first); };
      if (std::none_of(plan.dropped.begin(), plan.dropped.end(), is_named) &&
          std::none_of(plan.added.begin(), plan.added.end(),
                       [&](const auto& added) { return is_named(added.first); })) {
        result_.upstream_fields.push_back(field);
      }
    }
    result_.upstream_fields.insert(result_.upstream_fields.end(), plan.added.begin(), plan.added.end());
    result_.fields = driven.upstream_fields;
    result_.status = driven.upstream_status;
    if (!settle(exchange_->answer_head(driven.upstream_status, result_.fields))) {
      return;
    }
    const std::string& answer = driven.upstream_body;
    const std::size_t piece = driven.piece_bytes == 0 ? std::max<std::size_t>(answer.size(), 1) : driven.piece_bytes;
    std::size_t at = 0;
    std::size_t number = 0;
    do {
      if (driven.on_answer_part) {
        driven.on_answer_part(number++);
      }
      const std::string_view part = std::string_view(answer).substr(at, piece);
      at += part.size();
      std::string out;
      const bool goes = settle(exchange_->answer_data(part, at >= answer.size(), out), &out);
      const bool unchanged = goes && exchange_->passes_unchanged();
      const std::string_view leaves = unchanged ? part : std::string_view(out);
      if (!goes && head_was_held_) {
        return;  // nothing had left: the refusal stands instead
      }
      result_.body += leaves;
      if (!goes) {
        result_.ended_early = true;
        return;
      }
    } while (at < answer.size());
  }

  // Waits as long as it is asked to. False where the exchange ends here.
  bool settle(Step step, std::string* out = nullptr) {
    std::string unused;
    while (step.kind == Step::Kind::wait) {
      if (on_wait_) {
        on_wait_();
      }
      bell_->wait();
      step = exchange_->resume(out != nullptr ? *out : unused);
    }
    if (step.kind == Step::Kind::go_on) {
      return true;
    }
    refused_ = true;
    if (result_.body.empty()) {
      result_.status = step.answer.status;
      result_.fields = step.answer.fields;
      result_.body = step.answer.body;
      head_was_held_ = true;
    }
    return false;
  }

  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::unique_ptr<Exchange> exchange_;
  DrivenResult result_;
  std::function<void()> on_wait_;
  bool refused_ = false;
  bool head_was_held_ = false;  ///< Nothing of the answer has left.
};

}  // namespace

std::string DrivenResult::field(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return base::equals_ignoring_case(field.first, name); });
  return found == fields.end() ? std::string() : found->second;
}

DrivenResult drive(Controls& controls, const DrivenExchange& driven) {
  return Driver(controls).run(driven);
}

}  // namespace control
