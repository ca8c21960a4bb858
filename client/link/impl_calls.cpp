// Calls, subscriptions, and what a new connection has to be told.
#include <utility>

#include "client/link/impl.hpp"

namespace hubbub::link {

namespace {

/// A call's frame without its arguments; generously.
constexpr std::size_t call_overhead_bytes = 256;
/// From a call's deadline to the answer that the hub owes then.
constexpr std::chrono::seconds answer_grace{1};
/// Below what a hub allows a session, which has calls of its user's, too.
constexpr std::size_t questions_at_once = 128;

/// True if it is a call of a service that is to take effect exactly once.
bool is_exact(const MethodName& method, std::string_view arguments) {
  if (!proto::is_of_service(method.str())) return false;
  const auto call = proto::decode_value<proto::ServiceCall>(arguments);
  return call && call->once == proto::Once::exactly;
}

}  // namespace

struct Link::Impl::CallWait {
  CallWait(asio::io_context& loop, Clock::time_point until) : wake(loop, until) {}
  std::optional<Result<std::string>> outcome;
  Wake wake;
};

asio::awaitable<Result<std::string>> Link::Impl::call(Self self, MethodName method, std::string arguments,
                                                      CallOptions options) {
  if (self->ended_) co_return tl::unexpected(self->ended());
  if (arguments.size() + call_overhead_bytes > limits::frame_bytes_max)
    co_return fail(Status::invalid_argument, "the arguments of " + method.str() + " are too long for a call");
  const bool bounded = options.timeout.count() > 0;
  const auto deadline = bounded ? Clock::now() + options.timeout : Clock::time_point::max();
  const auto consequence = self->consequence_of(method, arguments);
  // The hub tells what has come of a service's call by then.
  const bool grace = bounded && proto::is_of_service(method.str());
  const auto wait = std::make_shared<CallWait>(self->loop_, grace ? deadline + answer_grace : deadline);
  Calls::Pending pending{method, std::move(arguments), std::nullopt, false, false, {}};
  pending.exactly = is_exact(method, pending.arguments);
  if (bounded) pending.deadline = deadline;
  pending.done = [wait](Result<std::string> outcome) {
    wait->outcome = std::move(outcome);
    wait->wake.all();
  };
  const auto id = self->start_call(std::move(pending), options.id);
  if (options.given != nullptr) *options.given = id;
  const bool kept = co_await wait->wake.wait();
  if (!wait->outcome) self->abandon_call(id);
  if (!wait->outcome && !kept) co_return fail(Status::cancelled, "the call of " + method.str() + " was cancelled");
  if (!wait->outcome)
    co_return fail(Status::deadline_exceeded, "the hub did not answer " + method.str() + " within " +
                                                  std::to_string(options.timeout.count()) + " ms");
  if (*wait->outcome && consequence) consequence();
  co_return *std::move(wait->outcome);
}

/// room.leave ends the subscription to exactly that room, too: it is not to come back with the next connection. Nor is
/// the old name after people.rename. A last will is left again on each.
Link::Impl::Consequence Link::Impl::consequence_of(const MethodName& method, std::string_view arguments) {
  if (method.str() == proto::RoomLeave::name) {
    if (const auto leave = proto::decode_value<proto::RoomLeave>(arguments))
      return [this, room = leave->room] { subscriptions_.remove(Pattern::literal(room.str())); };
  } else if (method.str() == proto::PeopleRename::name) {
    if (const auto rename = proto::decode_value<proto::PeopleRename>(arguments))
      return [this, name = rename->to] { options_.name = name.str(); };
  } else if (method.str() == proto::SessionWill::name) {
    if (const auto will = proto::decode_value<proto::SessionWill>(arguments))
      return [this, left = will->leave ? std::string(arguments) : std::string()] { will_ = left; };
  }
  return {};
}

CallId Link::Impl::start_call(Calls::Pending call, std::optional<CallId> wanted) {
  const auto id = calls_.add(std::move(call), wanted);
  if (!online() || resuming_) return id;
  calls_.send(id, Clock::now(), connection_->output());
  connection_->write_soon();
  read_for_answer();
  return id;
}

void Link::Impl::abandon_call(CallId id) {
  calls_.abandon(id, online() ? &connection_->output() : nullptr);
  if (online()) connection_->write_soon();
}

asio::awaitable<Result<proto::RoomSubscribe::Reply>> Link::Impl::subscribe(Self self, Subscription subscription,
                                                                           CallOptions options) {
  proto::RoomSubscribe method{subscription.pattern, subscription.from,  subscription.seq,     subscription.group,
                              subscription.events,  subscription.since, subscription.consumer};
  add_acks(subscription, method);
  self->at_once_asked_ = std::max(self->at_once_asked_, subscription.at_once);  // what it hands out may come first
  auto reply = co_await call(self, MethodName::literal(method.name), arguments_of(method), options);
  if (!reply) co_return tl::unexpected(std::move(reply.error()));
  self->subscriptions_.add(std::move(subscription));
  co_return proto::decode_value<proto::RoomSubscribe::Reply>(*reply).value_or(proto::RoomSubscribe::Reply{});
}

asio::awaitable<Result<void>> Link::Impl::unsubscribe(Self self, Pattern pattern, CallOptions options) {
  const proto::RoomUnsubscribe method{pattern};
  auto reply = co_await call(self, MethodName::literal(method.name), arguments_of(method), options);
  const bool known = reply || (reply.error().status == Status::not_found && self->subscriptions_.contains(pattern));
  if (!known) co_return tl::unexpected(std::move(reply.error()));
  for (const auto& room : self->subscriptions_.remove(pattern)) self->stop_receiving(room);
  co_return Result<void>{};
}

void Link::Impl::stop_receiving(const RoomName& room) {
  const proto::RoomUnsubscribe method{Pattern::literal(room.str())};
  ask({method.name, arguments_of(method), [](const Result<std::string>&) {}});
}

// ── the Link's own calls: a few at a time, since the hub bounds the calls of a session ───────────────────────────────

void Link::Impl::ask(Question question) {
  if (!online()) return;
  questions_.push_back(std::move(question));
  ask_more();
}

void Link::Impl::ask_more() {
  while (!questions_.empty() && questions_asked_ < questions_at_once) {
    auto question = std::move(questions_.front());
    questions_.pop_front();
    ++questions_asked_;
    auto done = [this, then = std::move(question.done)](Result<std::string> reply) {
      --questions_asked_;
      then(reply);
      ask_more();
    };
    const auto id = calls_.add({MethodName::literal(question.method), std::move(question.arguments), std::nullopt, true,
                                false, std::move(done)});
    calls_.send(id, Clock::now(), connection_->output());
    connection_->write_soon();
  }
  if (questions_.empty()) resumed();
}

// ── a new connection ─────────────────────────────────────────────────────────────────────────────────────────────────

/// The hub takes what comes in order: so first what has to be received, then what was asked and said.
void Link::Impl::resume(bool new_life, bool same_data) {
  if (new_life) {
    new_life_at_ = Clock::now();
    same_data ? cursors_.forget_transient() : cursors_.forget();
    calls_.new_life(same_data);
  }
  const bool other_life = options_.outbox ? options_.outbox->life() != welcome_.life : new_life;
  if (other_life) publishing_.new_life();
  if (keeps()) options_.outbox->set_life(welcome_.life);
  resuming_ = true;
  if (!will_.empty()) questions_.push_back({proto::SessionWill::name, will_, [](const Result<std::string>&) {}});
  for (const auto& subscribe : subscriptions_.resume(cursors_.known())) questions_.push_back(question_of(subscribe));
  for (const auto& offer : offers_.list()) questions_.push_back(question_of(offer));
  ask_more();
}

/// All of the questions of resume() are on their way.
void Link::Impl::resumed() {
  if (!std::exchange(resuming_, false)) return;
  calls_.send_all(Clock::now(), connection_->output());
  connection_->write_soon();
  send_publishes();
}

Link::Impl::Question Link::Impl::question_of(const proto::RoomSubscribe& subscribe) {
  return {subscribe.name, arguments_of(subscribe), [this, subscribe](const Result<std::string>& reply) {
            if (!reply) not_resumed(subscribe, reply.error());
          }};
}

/// A room that a pattern gives anyway isn't missed.
void Link::Impl::not_resumed(const proto::RoomSubscribe& subscribe, const Error& why) {
  if (!subscriptions_.contains(subscribe.pattern)) return;
  if (told_refused_.insert(subscribe.pattern).second) push(NotResumed{subscribe.pattern, why});
  subscribe_later(subscribe);
}

/// The hub would not go on with it now: somebody whose direct room it is hasn't come back yet, or a limit is reached.
/// It is asked again from the same place, so that nothing is lost.
void Link::Impl::subscribe_later(const proto::RoomSubscribe& subscribe) {
  refused_.push_back(subscribe);
  if (refused_.size() > 1) return;
  resubscribe_timer_.expires_after(options_.backoff_max);
  resubscribe_timer_.async_wait([self = shared_from_this()](std::error_code stopped) {
    if (stopped) return;
    for (const auto& again : std::exchange(self->refused_, {}))
      if (self->subscriptions_.contains(again.pattern)) self->ask(self->question_of(again));
  });
}

}  // namespace hubbub::link
