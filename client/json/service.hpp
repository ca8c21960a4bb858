// Services with types: a method is a struct of its arguments with its name and its Reply, which caller and provider
// share.
//
//   struct Add {
//     static constexpr std::string_view name = "sum.add";
//     static constexpr bool repeatable = true;              // run twice it does no more than once; need not be there
//     static constexpr auto once = proto::Once::exactly;    // how it is called; need not be there
//     std::int64_t a = 0, b = 0;
//     template <class Archive> void serialize(Archive& ar) { ar(CEREAL_NVP(a), CEREAL_NVP(b)); }
//     struct Reply { std::int64_t sum = 0; … };
//   };
//
//   caller:    Add question{1, 2};                                  named first: gcc 12 destroys such temporaries twice
//              const auto reply = co_await json::call(link, question);                           Result<Add::Reply>
//   provider:  asio::awaitable<Result<Add::Reply>> add(Add add, link::Invocation call) { … }
//              json::Service sum(loop, link, "sum");
//              sum.on<Add>(add);
//              const auto offered = co_await sum.offer();
//
// On the wire both are JSON, so a shell calls it, too: hubbub call sum.add a=1 b=2. Heavy to compile.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "client/json/json_archive.hpp"
#include "client/link/link.hpp"

namespace hubbub::json {

/// None at all is an empty object. Fails with invalid_argument.
template <class Struct>
Result<Struct> read_json(std::string_view text) {
  const auto json = shallow_json(text.empty() ? "{}" : text);
  if (!json) return tl::unexpected(json.error());
  Struct value;
  if (auto read = from_json(*json, value); !read) return tl::unexpected(std::move(read.error()));
  return value;
}

/// As Link::call_service(), of one provider, at most once unless the method says otherwise. Fails with internal where
/// the reply isn't that of the method.
template <class Method>
asio::awaitable<Result<typename Method::Reply>> call(link::Link& link, Method method, link::CallOptions options = {}) {
  auto arguments = to_json(method).dump();
  const auto name = MethodName::literal(Method::name);
  link::ServiceWish wish;
  if constexpr (requires { Method::once; }) wish.once = Method::once;
  auto reply = co_await link.call_service(name, std::move(arguments), wish, options);
  if (!reply) co_return tl::unexpected(std::move(reply.error()));
  auto read = read_json<typename Method::Reply>(reply->answers.front().result.bytes);
  if (!read)
    co_return fail(Status::internal,
                   "the reply of " + name.str() + " could not be understood: " + read.error().sentence);
  co_return *std::move(read);
}

/// A service that this program offers. Its methods are coroutines on the link's loop; one that nobody waits for any
/// more is cancelled. Goes before the link does; what runs then is cancelled.
class Service {
 public:
  /// REQUIRES: `name` is that of a service; `loop` is the link's.
  Service(asio::io_context& loop, link::Link& link, std::string_view name);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// `Function`: asio::awaitable<Result<Method::Reply>>(Method, link::Invocation). REQUIRES: before offer(); the method
  /// is one of this service.
  template <class Method, class Function>
  void on(Function function);
  /// What else is told of it: about, host, at_once (64 unless set before offer()).
  proto::ServiceOffer& description() { return offer_; }
  asio::awaitable<Result<void>> offer(link::CallOptions options = {});
  [[nodiscard]] std::size_t running() const;

 private:
  using Run = std::function<asio::awaitable<Result<std::string>>(link::Invocation)>;
  struct State;

  template <class Method, class Function>
  static asio::awaitable<Result<std::string>> run(Function function, link::Invocation call);
  void add(std::string_view method, std::string arguments, bool repeatable, Run run);

  link::Link& link_;
  proto::ServiceOffer offer_;
  bool offered_ = false;
  std::shared_ptr<State> state_;  ///< what runs outlives this for as long as it takes to be cancelled
};

template <class Method, class Function>
void Service::on(Function function) {
  constexpr bool repeatable = [] {
    if constexpr (requires { Method::repeatable; }) return Method::repeatable;
    return false;
  }();
  add(Method::name, usage_of(describe<Method>()), repeatable,
      [function](link::Invocation call) { return run<Method>(function, std::move(call)); });
}

template <class Method, class Function>
asio::awaitable<Result<std::string>> Service::run(Function function, link::Invocation call) {
  auto arguments = read_json<Method>(call.arguments);
  if (!arguments) co_return tl::unexpected(std::move(arguments.error()));
  auto reply = co_await function(*std::move(arguments), std::move(call));
  if (!reply) co_return tl::unexpected(std::move(reply.error()));
  co_return to_json(*reply).dump();
}

}  // namespace hubbub::json
