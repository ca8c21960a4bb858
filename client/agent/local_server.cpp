#include "client/agent/local_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "client/agent/json_session.hpp"
#include "client/agent/wire_session.hpp"
#include "common/log.hpp"

namespace hubbub::agent {

namespace {

constexpr mode_t for_this_user = 0600;

/// A peek: the byte stays where it is. Negative: the program has gone.
int first_byte(int descriptor) {
  unsigned char byte = 0;
  return ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? byte : -1;
}

Address at(const std::string& path) {
  Address address;
  address.scheme = Address::Scheme::unix_socket;
  address.path = path;
  return address;
}

}  // namespace

LocalServer::~LocalServer() {
  for (const auto& session : std::exchange(sessions_, {})) session->close();
}

Result<void> LocalServer::listen(const std::string& path) {
  listener_.reset();
  auto listener = Listener::open(
      core_.loop, at(path), [this](const Accepted& one) { admit(one); }, for_this_user);
  if (!listener) return tl::unexpected(listener.error());
  listener_ = *std::move(listener);
  listener_->start();
  return {};
}

void LocalServer::inherit(int descriptor, const std::string& path) {
  listener_ = Listener::inherit(core_.loop, descriptor, at(path), [this](const Accepted& one) { admit(one); });
  listener_->start();
}

void LocalServer::admit(const Accepted& accepted) {
  const auto protocol = asio::generic::stream_protocol(accepted.family, 0);
  const auto stream = std::make_shared<Stream>(Stream::Socket(core_.loop, protocol, accepted.descriptor));
  const auto peer = stream->peer_credentials();
  const bool ours = peer && (peer->uid == ::geteuid() || peer->uid == 0);
  if (!ours) log::warn("another user's program was turned away", {{"uid", peer ? peer->uid : 0}});
  const bool full = sessions_.size() + newcomers_.size() >= sessions_max;
  if (ours && full) log::warn("too many programs at once; one was turned away", {{"at_once_max", sessions_max}});
  if (!ours || full) return;
  newcomers_.insert(stream);
  wait_for_first_byte(stream, caller_of(*peer));
}

void LocalServer::wait_for_first_byte(std::shared_ptr<Stream> stream, Caller caller) {
  auto* waiting = stream.get();
  waiting->on_readable([this, stream = std::move(stream), caller = std::move(caller)]() mutable {
    newcomers_.erase(stream);
    const int byte = first_byte(stream->native_handle());
    if (byte >= 0) begin(std::move(*stream), std::move(caller), byte == proto::Hello::type);
  });
}

void LocalServer::begin(Stream stream, Caller caller, bool speaks_wire) {
  std::shared_ptr<LocalSession> session;
  if (speaks_wire)
    session = std::make_shared<WireSession>(core_, std::move(stream), std::move(caller));
  else
    session = std::make_shared<JsonSession>(core_, std::move(stream), std::move(caller));
  session->on_closed([this](const std::shared_ptr<LocalSession>& one) {
    sessions_.erase(one);
    has_closed_some_ = true;
  });
  sessions_.insert(session);
  session->start();
}

void LocalServer::end_wire_sessions(std::string_view why) {
  for (const auto& session : std::set(sessions_))
    if (auto* wire = dynamic_cast<WireSession*>(session.get())) wire->end(proto::CloseReason::shutdown, why);
}

void LocalServer::stop_listening() {
  listener_.reset();
  for (const auto& stream : std::exchange(newcomers_, {})) stream->close();
  for (const auto& session : sessions_) session->stop_reading();
}

void LocalServer::stop() {
  end_wire_sessions("the agent is ending");
  for (const auto& session : std::set(sessions_)) session->finish();
}

}  // namespace hubbub::agent
