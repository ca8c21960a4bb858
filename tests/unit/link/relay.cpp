#include "tests/unit/link/relay.hpp"

#include <array>

namespace hubbub::link {

Relay::Relay(Address hub)
    : hub_(std::move(hub)), acceptor_(loop_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  spawn_accept();
  thread_ = std::thread([this] { loop_.run(); });
}

Relay::~Relay() {
  loop_.stop();
  thread_.join();
}

std::string Relay::url() const { return "tcp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

void Relay::cut() {
  asio::post(loop_, [this] {
    for (const auto& end : ends_) end->close();
    ends_.clear();
  });
}

void Relay::close() {
  closed_ = true;
  cut();
}

void Relay::spawn_accept() { asio::co_spawn(loop_, accept(), asio::detached); }

asio::awaitable<void> Relay::accept() {
  while (true) {
    auto client = std::make_shared<Socket>(co_await acceptor_.async_accept(asio::use_awaitable));
    ++connections_;
    if (closed_) continue;
    asio::co_spawn(loop_, join(std::move(client)), asio::detached);
  }
}

asio::awaitable<void> Relay::join(Shared client) {
  auto hub = co_await connect_to(hub_);
  if (!hub) co_return client->close();
  const auto server = std::make_shared<Socket>(*std::move(hub));
  if (closed_) co_return client->close();
  ends_.insert({client, server});
  asio::co_spawn(loop_, pass(client, server), asio::detached);
  co_await pass(server, client);
}

asio::awaitable<void> Relay::pass(Shared from, Shared to) {
  std::array<char, 16384> buffer;
  std::error_code ended;
  while (!ended) {
    const auto bytes =
        co_await from->async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ended));
    if (ended) break;
    co_await asio::async_write(*to, asio::buffer(buffer, bytes), asio::redirect_error(asio::use_awaitable, ended));
  }
  from->close();
  to->close();
}

}  // namespace hubbub::link
