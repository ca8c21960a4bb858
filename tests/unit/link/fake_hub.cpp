#include "tests/unit/link/fake_hub.hpp"

namespace hubbub::link {

FakeHub::FakeHub() : path_(folder_.path() + "/hub"), acceptor_(loop_, path_), buffer_(65536, '\0') {}

Address FakeHub::address() const { return {Address::Scheme::unix_socket, {}, 0, path_}; }

void FakeHub::listen(bool on) {
  acceptor_.close();
  std::filesystem::remove(path_);
  if (on) acceptor_ = Protocol::acceptor(loop_, path_);
}

void FakeHub::accept() {
  std::optional<Protocol::socket> accepted;
  acceptor_.async_accept([&](std::error_code error, Protocol::socket socket) {
    if (!error) accepted = std::move(socket);
  });
  run_until("a client connects", [&] { return accepted.has_value(); });
  socket_ = std::move(accepted);
  reader_ = std::make_unique<FrameReader>(limits::frame_bytes_max);
  shown_ = frames_.size();
  ended_ = writing_ = false;
  unsent_.clear();
  ++connection_;
  read();
}

void FakeHub::read() {
  socket_->async_read_some(asio::buffer(buffer_),
                           [this, connection = connection_](std::error_code error, std::size_t bytes) {
                             if (connection != connection_) return;
                             ended_ = static_cast<bool>(error);
                             if (ended_) return;
                             reader_->feed({buffer_.data(), bytes}, [this](const proto::Frame& frame) {
                               frames_.emplace_back(frame.type, std::string(frame.payload));
                               return true;
                             });
                             read();
                           });
}

proto::Frame FakeHub::next_frame() {
  run_until("the client says something", [&] { return shown_ < frames_.size() || ended_; });
  if (shown_ == frames_.size()) throw test::Failure("the client has closed the connection");
  const auto& [type, payload] = frames_[shown_++];
  return {type, payload};
}

bool FakeHub::nothing_came() {
  run_ready();
  return shown_ == frames_.size();
}

void FakeHub::expect_end() {
  run_until("the client closes the connection", [&] { return ended_; });
}

proto::Hello FakeHub::welcome() {
  auto hello = expect<proto::Hello>();
  proto::Welcome welcome;
  welcome.life.bytes[0] = life;
  welcome.store.bytes[0] = store;
  welcome.name = PersonName::literal("alice");
  welcome.ping_ms = ping_ms;
  welcome.frame_bytes_max = limits::frame_bytes_max;
  send(welcome);
  return hello;
}

void FakeHub::send_bytes(const std::string& bytes) {
  unsent_ += bytes;
  if (!writing_) write();
}

void FakeHub::write() {
  writing_ = !unsent_.empty();
  if (!writing_) return;
  socket_->async_write_some(asio::buffer(unsent_),
                            [this, connection = connection_](std::error_code error, std::size_t bytes) {
                              if (connection != connection_ || error) return;
                              unsent_.erase(0, bytes);
                              write();
                            });
}

void FakeHub::open(std::string_view room, std::uint32_t id, bool durable) {
  const auto call = expect_call<proto::RoomOpen>();
  if (call.room.str() != room) throw test::Failure("expected room.open of " + std::string(room));
  reply(proto::RoomOpen::Reply{RoomId{id}, Seq{}, durable});
}

void FakeHub::attach(std::string_view room, std::uint32_t id, std::uint64_t next, bool durable) {
  send(proto::Attached{RoomId{id}, RoomName::literal(room), {}, Seq{next}, Seq{next - 1}, durable});
}

void FakeHub::deliver(std::uint32_t room, std::uint64_t seq, std::string_view body) {
  proto::Delivery delivery;
  delivery.room = RoomId{room};
  delivery.seq = Seq{seq};
  delivery.from = PersonName::literal("bob");
  delivery.body = {body};
  send(delivery);
}

void FakeHub::close() {
  run_until("everything is sent", [this] { return unsent_.empty(); });
  ++connection_;
  socket_.reset();
}

}  // namespace hubbub::link
