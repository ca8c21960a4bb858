#include "common/address.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <vector>

namespace hubbub {
namespace {

Address tcp(std::string host, std::uint16_t port) { return {Address::Scheme::tcp, std::move(host), port, {}}; }
Address unix_socket(std::string path) { return {Address::Scheme::unix_socket, {}, 0, std::move(path)}; }

struct Form {
  const char* text;
  Address meant;
  const char* url;
};

class AddressForms : public testing::TestWithParam<Form> {};

TEST_P(AddressForms, AreUnderstoodAndShownAsUrls) {
  const auto parsed = Address::parse(GetParam().text);
  ASSERT_TRUE(parsed) << parsed.error().sentence;
  EXPECT_EQ(*parsed, GetParam().meant);
  EXPECT_EQ(parsed->str(), GetParam().url);
}

TEST_P(AddressForms, ComeBackFromTheirUrls) { EXPECT_EQ(*Address::parse(GetParam().url), GetParam().meant); }

INSTANTIATE_TEST_SUITE_P(
    , AddressForms,
    testing::Values(Form{"tcp://127.0.0.1:4848", tcp("127.0.0.1", 4848), "tcp://127.0.0.1:4848"},
                    Form{"tcp://hub.example.org", tcp("hub.example.org", 4848), "tcp://hub.example.org:4848"},
                    Form{"tcp://hub:1/", tcp("hub", 1), "tcp://hub:1"},
                    Form{"tcp://[::1]:0", tcp("::1", 0), "tcp://[::1]:0"},
                    Form{"hub", tcp("hub", 4848), "tcp://hub:4848"},
                    Form{"hub:65535", tcp("hub", 65535), "tcp://hub:65535"},
                    Form{"[fe80::1]:99", tcp("fe80::1", 99), "tcp://[fe80::1]:99"},
                    Form{"::1", tcp("::1", 4848), "tcp://[::1]:4848"},
                    Form{"unix:///run/hub.sock", unix_socket("/run/hub.sock"), "unix:///run/hub.sock"},
                    Form{"/run/hub.sock", unix_socket("/run/hub.sock"), "unix:///run/hub.sock"}));

class NoAddress : public testing::TestWithParam<std::string> {};

TEST_P(NoAddress, IsRefusedWithTheFormsThatAre) {
  const auto parsed = Address::parse(GetParam());
  ASSERT_FALSE(parsed) << parsed->str();
  EXPECT_EQ(parsed.error().status, Status::invalid_argument);
  EXPECT_NE(parsed.error().sentence.find("tcp://host:port"), std::string::npos) << parsed.error().sentence;
}

INSTANTIATE_TEST_SUITE_P(, NoAddress,
                         testing::Values("", "tcp://", "tcp://:4848", "tcp://hub:", "tcp://hub:65536", "tcp://hub:-1",
                                         "tcp://hub:80x", "tcp://hub/room", "tcp://[::1", "tcp://[hub]:1",
                                         "tcp://[::1]x", "http://hub", "unix://relative", "unix:/run/x", "two words",
                                         "hub:1:2", "/" + std::string(107, 'x'), std::string("/with\0zero", 10),
                                         std::string(300, 'a')));

TEST(Address, ShowsARefusedTextHarmlessly) {
  const auto sentence = Address::parse("\x1b[31mhub\n").error().sentence;
  EXPECT_NE(sentence.find("\\x1b[31mhub\\n"), std::string::npos) << sentence;
}

TEST(Address, TakesTheLongestPathThatFits) { EXPECT_TRUE(Address::parse("/" + std::string(106, 'x'))); }

// ── connecting ───────────────────────────────────────────────────────────────────────────────────────────────────────

using Connected = Result<asio::generic::stream_protocol::socket>;

asio::awaitable<void> connect_into(Address address, std::optional<Connected>& result) {
  result.emplace(co_await connect_to(std::move(address)));
}

Connected connect(asio::io_context& loop, Address address) {
  std::optional<Connected> result;
  asio::co_spawn(loop, connect_into(std::move(address), result), asio::detached);
  loop.restart();
  loop.run_for(std::chrono::seconds(20));
  if (!result) return fail(Status::deadline_exceeded, "the test waited for 20 s");
  return *std::move(result);
}

struct TemporaryFolder {
  TemporaryFolder() : path("/tmp/hubbub-address-XXXXXX") { ::mkdtemp(path.data()); }
  ~TemporaryFolder() {
    ::unlink(socket().c_str());
    ::rmdir(path.c_str());
  }
  [[nodiscard]] std::string socket() const { return path + "/hub.sock"; }
  std::string path;
};

TEST(ConnectTo, ReachesATcpListenerByNumberAndByName) {
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::make_address("127.0.0.1"), 0});
  for (const char* const host : {"127.0.0.1", "localhost"}) {
    const auto socket = connect(loop, tcp(host, acceptor.local_endpoint().port()));
    EXPECT_TRUE(socket) << socket.error().sentence;
  }
}

TEST(ConnectTo, SaysThatNobodyListens) {
  asio::io_context loop;
  std::uint16_t port = 0;
  {
    asio::ip::tcp::acceptor gone(loop, {asio::ip::make_address("127.0.0.1"), 0});
    port = gone.local_endpoint().port();
  }
  const auto socket = connect(loop, tcp("127.0.0.1", port));
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().status, Status::unavailable);
  EXPECT_EQ(socket.error().sentence, "can't connect to tcp://127.0.0.1:" + std::to_string(port) +
                                         ": nobody listens there; is the hub running there?");
}

TEST(ConnectTo, SaysThatThereIsNoSocketAtAPath) {
  asio::io_context loop;
  const auto socket = connect(loop, unix_socket("/tmp/hubbub-no-such-folder/hub.sock"));
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().status, Status::unavailable);
  EXPECT_NE(socket.error().sentence.find("there is no such socket"), std::string::npos);
}

/// A UNIX listener with room for one, whose backlog is filled.
struct FullListener {
  explicit FullListener(const std::string& path) : acceptor(loop) {
    const asio::local::stream_protocol::endpoint endpoint(path);
    acceptor.open(endpoint.protocol());
    acceptor.bind(endpoint);
    acceptor.listen(0);
    for (;;) {
      asio::local::stream_protocol::socket socket(loop);
      socket.open(endpoint.protocol());
      socket.non_blocking(true);
      if (::connect(socket.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) break;
      waiting.push_back(std::move(socket));
    }
  }
  asio::io_context loop;
  asio::local::stream_protocol::acceptor acceptor;
  std::vector<asio::local::stream_protocol::socket> waiting;
};

TEST(ConnectTo, WaitsWhileTheBacklogOfAUnixSocketIsFull) {
  const TemporaryFolder folder;
  FullListener full(folder.socket());
  asio::io_context loop;
  std::optional<Connected> result;
  asio::co_spawn(loop, connect_into(unix_socket(folder.socket()), result), asio::detached);
  loop.run_for(std::chrono::milliseconds(20));
  ASSERT_FALSE(result) << "the backlog was not full";
  full.acceptor.accept();
  loop.run_for(std::chrono::seconds(20));
  ASSERT_TRUE(result);
  EXPECT_TRUE(*result) << result->error().sentence;
}

TEST(ConnectTo, EndsWhenItIsCancelled) {
  const TemporaryFolder folder;
  FullListener full(folder.socket());
  asio::io_context loop;
  asio::cancellation_signal cancel;
  std::optional<Connected> result;
  asio::co_spawn(loop, connect_into(unix_socket(folder.socket()), result),
                 asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  loop.run_for(std::chrono::milliseconds(20));
  cancel.emit(asio::cancellation_type::terminal);
  loop.run_for(std::chrono::seconds(20));
  ASSERT_TRUE(result);
  ASSERT_FALSE(*result);
  EXPECT_EQ(result->error().status, Status::cancelled);
}

}  // namespace
}  // namespace hubbub
