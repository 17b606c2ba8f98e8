#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "control/audit_log.h"
#include "control/exchange.h"
#include "control/exchange_record.h"
#include "control/policy.h"
#include "traffic/message.h"
#include "traffic/recycled.h"
#include "traffic/stream.h"

namespace control {

/// One exchange on its way through the filters. Used by one thread at a time; only its waker is called from others.
class ChainExchange final : public Exchange, public traffic::Recycled<ChainExchange> {
 public:
  explicit ChainExchange(std::shared_ptr<const ReadyPolicy> policy);
  ~ChainExchange() override;

  void on_wake(std::function<void()> waker) override;
  Step resume(std::string& out) override;
  Step head(const RequestHead& request) override;
  [[nodiscard]] const Plan& plan() const override { return plan_; }
  Step body(std::string& body) override;
  Step request_data(std::string_view data, bool last, std::string& out) override;
  Step answer_head(unsigned status, std::vector<OwnField>& fields) override;
  [[nodiscard]] bool passes_unchanged() const override { return unchanged_; }
  Step answer_data(std::string_view data, bool last, std::string& out) override;
  void finish(End end) override;

 private:
  /// What became of the record that the exchange waits for.
  enum class Written : std::uint8_t { not_yet, durable, failed };
  /// Shared with what may call the waker late: after end() nothing does.
  struct Wakers final : RecordWaiter {
    std::mutex mutex;
    std::function<void()> waker;
    std::atomic<Written> written{Written::not_yet};
    void wake();
    void end();
    void on_recorded(bool durable) override;
  };
  enum class Waiting : std::uint8_t { nothing, log, request_approval, answer_approval };

  [[nodiscard]] const Configuration& configuration() const { return policy_->configuration; }
  [[nodiscard]] Runtime& runtime() const { return *policy_->runtime; }

  /// Stops the exchange where the filter enforces; otherwise notes that it would have, and it goes on.
  std::optional<Step> stop(Filter filter, unsigned status, std::string_view code, std::string_view message,
                           std::string reason);
  std::optional<Step> stop_for_limit(const LimitRefusal& refusal);
  Step refuse(Answer answer);
  void note(Filter filter, std::string_view action, std::string reason);
  void alarm(std::string_view event, std::string_view name, std::string_view what);

  /// Sets the plan's upstream and target; false where there is none.
  bool route_to(RoutedTo to);
  std::optional<Step> check_identity(const RequestHead& request);
  std::optional<Step> check_kill(std::shared_ptr<const Kill> kill);
  /// The end of an exchange that was hit by a kill meanwhile.
  std::optional<Step> take_kill(std::string& out);
  void let_go_of_request();
  std::optional<Step> check_prompt_and_model();
  std::optional<Step> switch_model(std::string& body);
  std::optional<Step> name_for_upstream(std::string& body);
  std::optional<Step> rename_model(std::string& body, std::string_view name);
  /// The list of models, or one of them, without asking an upstream.
  Step list_models();
  std::optional<Step> check_tools();
  std::optional<Step> inspect_request(std::string& body);
  std::optional<Step> reserve(const std::vector<LimitRule>& rules, const Amounts& amounts,
                              std::initializer_list<Measure> measures);
  std::optional<Step> ask_people();
  Step after_approval();

  /// Writes the record; `next` is what follows once it may.
  Step record_then(std::string_view kind, Step next);
  void append_record(std::string_view kind, std::shared_ptr<RecordWaiter> waiter);
  void record_body(RecordedBody& recorded, std::string_view body) const;

  void prepare_answer(traffic::AnswerForm form);
  /// May this caller see the tool in a list of tools?
  [[nodiscard]] bool may_see(std::string_view tool) const;
  Step feed(std::string_view data, bool last, std::string& out);
  /// What follows from `outcome`; none where the answer goes on.
  std::optional<Step> handle_calls(base::Result<traffic::AnswerInspector::Outcome> outcome, std::string& out);
  std::optional<Step> check_answer(bool last);
  Step end_answer(Filter filter, std::string_view code, std::string_view message, std::string reason, std::string& out);
  Step complete(std::string& out);
  void take_findings(const std::vector<traffic::BlockFinding>& findings, bool in_answer, std::size_t from);
  void sent(std::string_view data, bool is_last);
  void keep_for_observer();
  void tell_observer(End end) const;
  [[nodiscard]] std::string session() const;
  [[nodiscard]] bool is_tainted() const;
  [[nodiscard]] Amounts used() const;
  [[nodiscard]] std::uint64_t cost(std::uint64_t input_tokens, std::uint64_t output_tokens) const;

  std::shared_ptr<const ReadyPolicy> policy_;
  std::shared_ptr<Wakers> wakers_ = std::make_shared<Wakers>();
  std::unique_ptr<KillSwitch::Watch> watch_;
  Plan plan_;
  ExchangeRecord record_;
  std::chrono::steady_clock::time_point begun_;
  std::string target_;
  std::string mcp_session_;
  std::string json_rpc_id_;
  traffic::Route route_ = traffic::Route::other;
  std::shared_ptr<const Authenticator> identity_;  ///< As it was when the exchange began.
  std::shared_ptr<const Caller> caller_;
  traffic::Request request_;  ///< Once it has gone on, only what is still needed.
  bool brings_untrusted_ = false;
  bool fetches_ = false;        ///< MCP: what others wrote comes with the answer.
  RoutedTo routed_;             ///< Where the model leads, once it is known.
  std::string upstream_model_;  ///< What the upstream calls the model; empty: as the caller does.
  bool lists_tools_ = false;    ///< MCP: a list of tools comes with the answer.
  Reservation reservation_;
  Amounts reserved_;
  bool reached_upstream_ = false;

  struct WantedApproval {
    ApprovalBinding binding;
    std::string reason;
    std::string shown;
    unsigned needed = 1;
  };
  std::vector<WantedApproval> wanted_;  ///< Still to be given, the one in hand first.
  std::string approval_id_;
  std::int64_t approval_until_ = 0;

  Waiting waiting_ = Waiting::nothing;
  Step pending_;
  bool request_recorded_ = false;
  bool recorded_ = false;
  bool acts_ = false;  ///< The request itself does something: its record goes ahead of it.

  bool unchanged_ = true;
  bool in_answer_ = false;
  bool answer_ended_ = false;
  bool model_checked_ = false;
  bool answer_unread_ = false;  ///< In a form that cannot be inspected.
  traffic::AnswerForm form_ = traffic::AnswerForm::other;
  std::optional<traffic::AnswerInspector> inspector_;
  std::optional<traffic::AnswerInspector> recorder_;
  bool hashes_answer_ = false;
  std::optional<base::Sha256Hasher> answer_hash_;  ///< Of an answer that comes in more than one piece.
  std::size_t findings_taken_ = 0;
  bool last_fed_ = false;
  std::string observed_prompt_;  ///< For the observer; empty where there is none.
  std::optional<std::chrono::steady_clock::time_point> first_part_;
};

}  // namespace control
