#include "client/json/service.hpp"

#include <cassert>
#include <exception>

namespace hubbub::json {

struct Service::State {
  explicit State(asio::io_context& on) : loop(on) {}

  asio::io_context& loop;
  link::Link* link = nullptr;
  bool gone = false;  ///< the service is: what still comes is refused
  std::map<std::string, Run, std::less<>> methods;
  std::map<InvocationId, std::shared_ptr<asio::cancellation_signal>> running;
};

namespace {

Error error_of(std::exception_ptr problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::system_error& error) {
    if (error.code() == asio::error::operation_aborted) return {Status::cancelled, "the call was cancelled"};
    return {Status::internal, error.what()};
  } catch (const std::exception& error) {
    return {Status::internal, error.what()};
  } catch (...) {
    return {Status::internal, "the method has thrown something"};
  }
}

}  // namespace

Service::Service(asio::io_context& loop, link::Link& link, std::string_view name)
    : link_(link), state_(std::make_shared<State>(loop)) {
  offer_.service = MethodName::literal(name);
  offer_.at_once = 64;
  state_->link = &link;
}

Service::~Service() {
  state_->gone = true;
  const auto running = std::exchange(state_->running, {});
  for (const auto& [id, signal] : running) {
    link_.answer(id, Status::unknown, "the service has ended in the middle of the call, so its outcome is unknown");
    signal->emit(asio::cancellation_type::terminal);
  }
  if (offered_) asio::co_spawn(state_->loop, link_.withdraw(offer_.service), [](std::exception_ptr, Result<void>) {});
}

std::size_t Service::running() const { return state_->running.size(); }

void Service::add(std::string_view method, std::string arguments, bool repeatable, Run run) {
  const auto dot = method.rfind('.');
  assert(method.substr(0, dot) == offer_.service.str() && "the method is of another service");
  const auto token = method.substr(dot + 1);
  offer_.methods.push_back({GroupName::literal(token), Text::literal(arguments), repeatable});
  state_->methods.insert_or_assign(std::string(token), std::move(run));
}

asio::awaitable<Result<void>> Service::offer(link::CallOptions options) {
  link::OfferHandlers handlers;
  handlers.invoked = [state = state_](link::Invocation call) {
    const auto id = call.id;
    if (state->gone) {
      state->link->answer(id, Status::unavailable, "the service has ended");
      return;
    }
    const auto method = state->methods.find(call.method);
    if (method == state->methods.end()) {
      state->link->answer(id, Status::unimplemented, "there is no such method");
      return;
    }
    const auto signal = std::make_shared<asio::cancellation_signal>();
    state->running.insert_or_assign(id, signal);
    const auto ended = [state, id, signal](std::exception_ptr problem, Result<std::string> result) {
      state->running.erase(id);
      if (problem) result = tl::unexpected(error_of(problem));
      if (state->gone) return;
      state->link->answer(id, result ? Status::ok : result.error().status, result ? *result : result.error().sentence);
    };
    asio::co_spawn(state->loop, method->second(std::move(call)), asio::bind_cancellation_slot(signal->slot(), ended));
  };
  handlers.revoked = [state = state_](InvocationId id) {
    const auto running = state->running.find(id);
    if (running == state->running.end()) return;
    const auto signal = running->second;
    signal->emit(asio::cancellation_type::terminal);
  };
  const auto what = offer_;
  offered_ = true;
  auto offered = co_await link_.offer(what, handlers, options);
  co_return offered;
}

}  // namespace hubbub::json
