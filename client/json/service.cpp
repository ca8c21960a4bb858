#include "client/json/service.hpp"

#include <exception>

namespace hubbub::json {

struct Service::State {
  explicit State(asio::io_context& on) : loop(on) {}

  asio::io_context& loop;
  link::Link* link = nullptr;  ///< none: the service has gone
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
  state_->link = nullptr;
  for (const auto& [id, signal] : std::exchange(state_->running, {})) signal->emit(asio::cancellation_type::terminal);
}

std::size_t Service::running() const { return state_->running.size(); }

void Service::add(std::string_view method, std::string arguments, bool repeatable, Run run) {
  const auto token = method.substr(method.rfind('.') + 1);
  offer_.methods.push_back({GroupName::literal(token), Text::literal(arguments), repeatable});
  state_->methods.insert_or_assign(std::string(token), std::move(run));
}

asio::awaitable<Result<void>> Service::offer(link::CallOptions options) {
  link::OfferHandlers handlers;
  handlers.invoked = [state = state_](link::Invocation call) {
    const auto id = call.id;
    if (state->link == nullptr) return;
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
      if (state->link == nullptr) return;
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
  auto offered = co_await link_.offer(what, handlers, options);
  co_return offered;
}

std::string usage_of(const std::vector<Field>& fields) {
  std::string text;
  for (const auto& field : fields) {
    const auto pair = field.name + "=" + field.form;
    text.append(text.empty() ? "" : " ").append(field.required ? pair : "[" + pair + "]");
  }
  return text;
}

}  // namespace hubbub::json
