// Services with types, between two programs of the library's and from a shell.
#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "client/json/service.hpp"
#include "tests/support/hub_process.hpp"

namespace hubbub::test {
namespace {

struct Divide {
  static constexpr std::string_view name = "sum.divide";
  static constexpr bool repeatable = true;
  std::int64_t dividend = 0;
  std::int32_t divisor = 1;
  std::string note;
  std::vector<double> weights;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(dividend), CEREAL_NVP(divisor), CEREAL_NVP(note), CEREAL_NVP(weights));
  }
  struct Reply {
    std::int64_t quotient = 0;
    double weight = 0;
    std::string note;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(quotient), CEREAL_NVP(weight), CEREAL_NVP(note));
    }
  };
};

struct Wait {
  static constexpr std::string_view name = "sum.wait";
  template <class Archive>
  void serialize(Archive&) {}
  using Reply = proto::Done;
};

asio::awaitable<Result<Divide::Reply>> divide(Divide divide, link::Invocation call) {
  if (divide.divisor == 0) co_return fail(Status::invalid_argument, "nothing can be divided by 0");
  Divide::Reply reply;
  reply.quotient = divide.dividend / divide.divisor;
  for (const auto weight : divide.weights) reply.weight += weight;
  reply.note = divide.note + " for " + call.from.str();
  co_return reply;
}

class TypedService : public testing::Test {
 protected:
  TypedService() : provider_(loop_, options("alice")), caller_(loop_, options("bob")) {
    service_.emplace(loop_, provider_, "sum");
    service_->on<Divide>(divide);
    service_->on<Wait>([this](const Wait&, const link::Invocation&) { return wait_for_ever(); });
    run(start());
  }
  link::Options options(const std::string& name) const {
    link::Options options;
    options.hub = *Address::parse(hub_.url());
    options.name = name;
    return options;
  }
  asio::awaitable<void> start() {
    const auto one = co_await provider_.connect();
    const auto other = co_await caller_.connect();
    const auto offered = co_await service_->offer();
    EXPECT_TRUE(one && other && offered);
  }
  asio::awaitable<Result<proto::Done>> wait_for_ever() {
    waits_ = true;
    asio::steady_timer timer(loop_, std::chrono::hours(1));
    std::error_code ended;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    was_cancelled_ = ended == asio::error::operation_aborted;
    co_return proto::Done{};
  }
  void run(asio::awaitable<void> work) {
    asio::co_spawn(loop_, std::move(work), [this](std::exception_ptr problem) {
      loop_.stop();
      if (problem) std::rethrow_exception(problem);
    });
    loop_.restart();
    loop_.run();
  }
  template <class Method>
  Result<typename Method::Reply> call(Method method, link::CallOptions options = {}) {
    std::optional<Result<typename Method::Reply>> reply;
    run(ask(std::move(method), options, reply));
    return *reply;
  }
  template <class Method>
  asio::awaitable<void> ask(Method method, link::CallOptions options,
                            std::optional<Result<typename Method::Reply>>& reply) {
    reply = co_await json::call(caller_, std::move(method), options);
  }
  asio::awaitable<void> ask_as_text(std::string arguments, std::string& result) {
    const auto method = MethodName::literal("sum.divide");
    const auto reply = co_await caller_.call_service(method, std::move(arguments));
    result = reply ? reply->answers.front().result.bytes : reply.error().sentence;
  }
  asio::awaitable<void> list(std::vector<proto::ServiceProvider>& providers) {
    const proto::ServiceList question;
    const auto reply = co_await caller_.call(question);
    if (reply) providers = reply->providers;
  }
  std::string call_as_text(std::string arguments) {
    std::string result;
    run(ask_as_text(std::move(arguments), result));
    return result;
  }

  HubProcess hub_;
  asio::io_context loop_{1};
  link::Link provider_, caller_;
  std::optional<json::Service> service_;
  bool waits_ = false, was_cancelled_ = false;
};

TEST_F(TypedService, AnswersAStubWithItsOwnTypes) {
  const auto reply = call(Divide{-84, 2, "half \xf0\x9f\x90\x88", {0.5, 0.25}});
  ASSERT_TRUE(reply) << reply.error().sentence;
  EXPECT_EQ(reply->quotient, -42);
  EXPECT_EQ(reply->weight, 0.75);
  EXPECT_EQ(reply->note, "half \xf0\x9f\x90\x88 for bob");
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(call(Divide{least, 1, "", {}})->quotient, least);
}

/// Called so that it takes effect exactly once.
struct Book {
  static constexpr std::string_view name = "sum.book";
  static constexpr auto once = proto::Once::exactly;
  template <class Archive>
  void serialize(Archive&) {}
  using Reply = proto::Done;
};

TEST_F(TypedService, IsCalledAsItsMethodWants) {
  const auto reply = call(Book{});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().status, Status::failed_precondition) << "this hub keeps nothing: " << reply.error().sentence;
}

TEST_F(TypedService, HandsOnTheMethodsRefusal) {
  const auto reply = call(Divide{1, 0, "", {}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().status, Status::invalid_argument);
  EXPECT_EQ(reply.error().sentence, "nothing can be divided by 0");
}

TEST_F(TypedService, IsCalledByAShellTooAndSaysWhatIsWrong) {
  EXPECT_EQ(call_as_text(R"({"dividend":"84","divisor":2})"), R"({"quotient":42,"weight":0.0,"note":" for bob"})");
  EXPECT_NE(call_as_text(R"({"divisor":3000000000})").find("divisor: "), std::string::npos);
  EXPECT_NE(call_as_text(R"({"quotient":1})").find("quotient"), std::string::npos);
  EXPECT_EQ(call_as_text("nonsense").substr(0, 28), "this is no well-formed JSON:");
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_EQ(call_as_text("{\"note\":" + deep + "}"), "this JSON is deeper than 100");
}

TEST_F(TypedService, DescribesItsMethodsByTheirFields) {
  std::vector<proto::ServiceProvider> providers;
  run(list(providers));
  ASSERT_EQ(providers.size(), 1u);
  ASSERT_EQ(providers[0].methods.size(), 2u);
  EXPECT_EQ(providers[0].methods[0].name.str(), "divide");
  EXPECT_EQ(providers[0].methods[0].arguments.str(), "[dividend=NUMBER] [divisor=NUMBER] [note=TEXT] [weights=LIST]");
  EXPECT_TRUE(providers[0].methods[0].repeatable);
  EXPECT_FALSE(providers[0].methods[1].repeatable);
}

TEST_F(TypedService, CancelsAMethodThatNobodyWaitsForAnyMore) {
  link::CallOptions options;
  options.timeout = std::chrono::seconds(2);
  const auto reply = call(Wait{}, options);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().status, Status::deadline_exceeded);
  EXPECT_TRUE(waits_);
  const Deadline deadline;
  loop_.restart();
  while (service_->running() > 0 && !deadline.passed()) loop_.run_one_for(std::chrono::milliseconds(10));
  EXPECT_TRUE(was_cancelled_);
}

TEST_F(TypedService, ThatGoesIsOfferedNoMore) {
  service_.reset();
  const Deadline deadline;
  std::vector<proto::ServiceProvider> providers(1);
  while (!providers.empty() && !deadline.passed()) run(list(providers));
  EXPECT_TRUE(providers.empty());
}

}  // namespace
}  // namespace hubbub::test
