#include "client/agent/wire_session.hpp"

#include <algorithm>
#include <utility>

#include "client/agent/surface.hpp"
#include "client/link/trace.hpp"
#include "common/log.hpp"

namespace hubbub::agent {

namespace {

/// How long the hub may take where the caller sets no limit.
constexpr std::chrono::minutes longest_call{10};

/// How long a hub that is there but answers nothing keeps a publisher from saying into the spool what it has to say.
constexpr std::chrono::milliseconds longest_opening{3000};

constexpr std::string_view only_at_the_hub =
    " needs a session of its own at the hub, which --no-agent makes; the agent's is shared";

template <class Method>
std::optional<Method> arguments_of(const proto::Call& call) {
  return call.method.str() == Method::name ? proto::decode_value<Method>(call.arguments.bytes) : std::nullopt;
}

}  // namespace

template <class Message>
void WireSession::send(const Message& message) {
  proto::encode(message, output());
  write_soon();
}

void WireSession::end(proto::CloseReason reason, std::string_view sentence) {
  send(proto::Closing{reason, Text::literal(sentence)});
  finish();
}

// ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

void WireSession::take(std::string_view bytes) {
  if (leaving_) return;
  input_.append(bytes);
  take_frames();
}

void WireSession::take_frames() {
  using proto::frame_header_bytes;
  while (may_take() && input_.size() - taken_ >= frame_header_bytes) {
    const auto header = proto::read_frame_header(input_.data() + taken_);
    const auto most = streams_ ? limits::frame_bytes_max : limits::handshake_frame_bytes_max;
    if (header.payload_bytes > most) return end(proto::CloseReason::frame_too_large);
    if (input_.size() - taken_ - frame_header_bytes < header.payload_bytes) break;
    const auto payload = std::string_view(input_).substr(taken_ + frame_header_bytes, header.payload_bytes);
    if (!take_frame({header.type, payload})) return pause_until_writable();
    taken_ += frame_header_bytes + header.payload_bytes;
  }
  if (may_take()) input_.erase(0, std::exchange(taken_, 0));
}

bool WireSession::take_frame(const proto::Frame& frame) {
  const auto message = proto::decode_from_client(frame);
  if (!message && message.error() == proto::DecodeError::unknown_type && streams_) return true;
  if (!message) return end(streams_ ? proto::CloseReason::malformed : proto::CloseReason::not_hubbub), true;
  const bool greets = std::holds_alternative<proto::Hello>(*message);
  if (greets == (streams_ != nullptr))
    return end(greets ? proto::CloseReason::greeted_twice : proto::CloseReason::not_greeted), true;
  return std::visit([this](const auto& known) { return on(known); }, *message);
}

bool WireSession::on(const proto::Hello& hello) {
  if (hello.major != proto::protocol_major) return end(proto::CloseReason::version), true;
  streams_ = core_.producers.streams_of(hello.client);
  streams_->speaker = std::static_pointer_cast<WireSession>(shared_from_this());
  send(core_.welcome());
  return true;
}

bool WireSession::on(const proto::Goodbye&) {
  leaving_ = true;
  settle();
  return true;
}

bool WireSession::on(const proto::Ping& ping) {
  send(proto::Pong{ping.token});
  return true;
}

void WireSession::settle() {
  if (leaving_ && owed_ == 0 && calls_.empty() && is_open()) end(proto::CloseReason::goodbye);
}

// ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────

bool WireSession::on(const proto::Publish& publish) {
  const auto* room = core_.switchboard.find(publish.room);
  if (room == nullptr)
    return refuse(publish.room, publish.id, publish.id, {Status::not_found, "there is no room of this number"},
                  proto::Refusal::other),
           true;
  if (publish.id == PublishId{}) {
    LocalStream unnumbered;
    return say(*room, unnumbered, publish);
  }
  using Verdict = LocalStream::Verdict;
  auto& stream = streams_->rooms[publish.room];
  switch (stream.look_at(publish.id)) {
    case Verdict::next: return say(*room, stream, publish);
    case Verdict::again: send(proto::Published{publish.room, stream.acknowledged, {}}); break;
    case Verdict::gap:
      refuse(publish.room, publish.id, stream.last.next(), {Status::aborted, "ids were skipped"}, proto::Refusal::gap);
      break;
    case Verdict::ignored: break;
  }
  return true;
}

bool WireSession::say(const LocalRoom& room, LocalStream& stream, const proto::Publish& publish) {
  link::Outgoing message;
  message.room = room.name;
  message.kind = publish.kind;
  message.headers = publish.headers;
  message.retain = (publish.flags & proto::flags::retain) != 0;
  message.traced = (publish.flags & proto::flags::traced) != 0;
  message.body = publish.body.bytes;
  stamp(message, caller());
  if (message.traced)
    link::add_stamp(message.headers, {"agent", link::Stamp::Side::received, "socket", link::stamp_time()});
  const bool numbered = publish.id != PublishId{};
  if (numbered) stream.accepted(publish.id);
  if (numbered) ++owed_;
  auto taken = core_.sending.say(message, [self = std::static_pointer_cast<WireSession>(shared_from_this()), numbered,
                                           id = publish.id, at = publish.room](const Result<Said>& outcome) {
    if (!numbered) return;
    --self->owed_;
    said(*self->streams_, at, id, outcome);
    self->settle();
  });
  if (taken && *taken) return true;
  if (numbered) stream.last.value -= 1;
  if (numbered) --owed_;
  if (taken) return false;
  stream.refusing = true;
  refuse(publish.room, publish.id, publish.id, taken.error(), proto::Refusal::other);
  return true;
}

void WireSession::said(LocalStreams& streams, RoomId room, PublishId id, const Result<Said>& outcome) {
  auto& stream = streams.rooms[room];
  const bool was_last = stream.last == id;
  if (outcome || !was_last) stream.acknowledged = std::max(stream.acknowledged, id);
  if (!outcome && was_last) stream.last.value -= 1;
  if (!outcome && was_last) stream.refusing = true;
  const auto speaker = streams.speaker.lock();
  if (speaker && speaker->is_open()) speaker->tell(room, id, outcome, was_last);
}

void WireSession::tell(RoomId room, PublishId id, const Result<Said>& outcome, bool was_last) {
  if (outcome)
    send(proto::Published{room, id, outcome->seq});
  else if (was_last)
    refuse(room, id, id, outcome.error(), proto::Refusal::other);
  else
    refused_late(room, id, outcome.error());
}

/// Later ones of this client were accepted already, and a refusal on the wire takes them back with it. Where the spool
/// is at its end that is right: none of them was kept. Where the hub will not have this one, the others arrive all the
/// same.
void WireSession::refused_late(RoomId room, PublishId id, const Error& why) {
  if (core_.link.has_stopped_publishing()) {
    auto& stream = streams_->rooms[room];
    stream.last = stream.acknowledged = PublishId{id.value - 1};
    return end(proto::CloseReason::lost);
  }
  core_.sending.tell_refused_late(why);
  send(proto::Published{room, id, {}});
}

void WireSession::refuse(RoomId room, PublishId id, PublishId expected, const Error& why, proto::Refusal refusal) {
  proto::PublishRefused refused{room, id, expected, why.status, {}, refusal};
  refused.sentence = Text::parse(why.sentence).value_or(Text{});
  send(refused);
}

// ── calls ────────────────────────────────────────────────────────────────────────────────────────────────────────────

void WireSession::answer(CallId id, const Result<std::string>& reply) {
  const bool was_busy = calls_.size() == calls_max;
  if (calls_.erase(id) == 0 || !is_open()) return;  // it was given up
  proto::Reply message;
  message.id = id;
  message.status = reply ? Status::ok : reply.error().status;
  message.result.bytes = reply ? *reply : reply.error().sentence;
  send(message);
  settle();
  if (was_busy)
    asio::post(core_.loop, [self = std::static_pointer_cast<WireSession>(shared_from_this())] { self->go_on(); });
}

template <class Reply>
void WireSession::answer_with(CallId id, const Reply& reply) {
  std::string bytes;
  proto::encode_value(reply, bytes);
  answer(id, bytes);
}

bool WireSession::on(const proto::Call& call) {
  calls_.insert(call.id);
  if (const auto subscription = arguments_of<proto::RoomSubscribe>(call)) {
    subscribe(call.id, *subscription);
  } else if (const auto end_of_it = arguments_of<proto::RoomUnsubscribe>(call)) {
    unsubscribe(call.id, *end_of_it);
  } else if (call.method.str() == proto::ServiceOffer::name || call.method.str() == proto::ServiceWithdraw::name) {
    answer(call.id, fail(Status::failed_precondition, "an offer of a service" + std::string(only_at_the_hub)));
  } else if (call.method.str() == proto::SessionWill::name) {
    answer(call.id, fail(Status::failed_precondition, "a last will" + std::string(only_at_the_hub)));
  } else if (call.method.str() == proto::ProducerRegister::name) {
    answer(call.id, fail(Status::unimplemented, "the agent is the producer"));
  } else if (core_.link.online()) {
    pass_on(call);
  } else if (const auto open = arguments_of<proto::RoomOpen>(call)) {
    open_offline(call.id, *open);
  } else {
    answer(call.id, fail(Status::unavailable, "the hub is away; the agent goes on trying"));
  }
  return true;
}

bool WireSession::on(const proto::Cancel& cancel) {
  answer(cancel.id, fail(Status::cancelled, "the call was given up"));
  return true;
}

void WireSession::subscribe(CallId id, const proto::RoomSubscribe& call) {
  const bool plain = call.from == proto::From::now || call.from == proto::From::seq;
  if (!plain || !call.group.empty())
    return answer(id, fail(Status::failed_precondition, "such a subscription" + std::string(only_at_the_hub)));
  const Seq from = call.from == proto::From::seq ? std::max(call.seq, Seq{1}) : Seq{};
  const auto self = std::static_pointer_cast<WireSession>(shared_from_this());
  core_.switchboard.subscribe(*this, {call.pattern, from, call.events}, [self, id](Result<std::uint32_t> rooms) {
    if (!rooms) return self->answer(id, tl::unexpected(rooms.error()));
    self->answer_with(id, proto::RoomSubscribe::Reply{*rooms});
  });
}

void WireSession::unsubscribe(CallId id, const proto::RoomUnsubscribe& call) {
  if (!core_.switchboard.unsubscribe(*this, call.pattern))
    return answer(id, fail(Status::not_found, "there is no subscription to " + call.pattern.str()));
  answer_with(id, proto::Done{});
}

/// Whether the hub has the room, or lets anybody in, shows when it is back.
void WireSession::open_offline(CallId id, const proto::RoomOpen& call) {
  answer_with(id, proto::RoomOpen::Reply{core_.switchboard.room(call.room).id, {}, true});
}

void WireSession::pass_on(const proto::Call& call) {
  link::CallOptions options;
  options.timeout =
      call.deadline_ms == 0 ? std::chrono::milliseconds(longest_call) : std::chrono::milliseconds(call.deadline_ms);
  if (call.method.str() == proto::RoomOpen::name) options.timeout = std::min(options.timeout, longest_opening);
  const auto self = std::static_pointer_cast<WireSession>(shared_from_this());
  asio::co_spawn(core_.loop, ask_hub(self, call.id, call.method, std::string(call.arguments.bytes), options), surface);
}

asio::awaitable<void> WireSession::ask_hub(std::shared_ptr<WireSession> self, CallId id, MethodName method,
                                           std::string arguments, link::CallOptions options) {
  auto reply = co_await self->core_.link.call_raw(method, arguments, options);
  const auto open =
      method.str() == proto::RoomOpen::name ? proto::decode_value<proto::RoomOpen>(arguments) : std::nullopt;
  if (open && !reply && reply.error().status == Status::deadline_exceeded) co_return self->open_offline(id, *open);
  if (reply) self->core_.own_rooms.called(method, arguments, *reply);
  if (method.str() == proto::RoomLeave::name) self->core_.own_rooms.left(arguments);
  if (reply) *reply = self->translate(method, arguments, *std::move(reply));
  self->answer(id, reply);
}

std::string WireSession::translate(const MethodName& method, std::string_view arguments, std::string reply) {
  std::string translated;
  if (method.str() == proto::RoomOpen::name) {
    const auto call = proto::decode_value<proto::RoomOpen>(arguments);
    auto opened = proto::decode_value<proto::RoomOpen::Reply>(reply);
    if (!call || !opened) return reply;
    opened->id = core_.switchboard.room(call->room).id;
    opened->durable = true;  // a client's ids count on here, whatever becomes of the hub
    proto::encode_value(*opened, translated);
  } else if (method.str() == proto::RoomJoin::name) {
    const auto call = proto::decode_value<proto::RoomJoin>(arguments);
    auto joined = proto::decode_value<proto::RoomJoin::Reply>(reply);
    if (!call || !joined) return reply;
    joined->id = core_.switchboard.room(call->room).id;
    proto::encode_value(*joined, translated);
  } else if (const auto left = proto::decode_value<proto::RoomLeave>(arguments);
             left && method.str() == proto::RoomLeave::name) {
    core_.switchboard.unsubscribe(*this, Pattern::literal(left->room.str()));
  }
  return translated.empty() ? reply : translated;
}

// ── what is received ─────────────────────────────────────────────────────────────────────────────────────────────────

void WireSession::attached(const LocalRoom& room, Seq next) { send(attached_to(room, next)); }

void WireSession::receive(const LocalMessage& message) {
  output().append(message.frame());
  write_soon();
}

void WireSession::detached(const LocalRoom& room) { send(proto::Detached{room.id}); }

void WireSession::lost(const LocalRoom& room, Seq first, Seq last) { send(proto::Lost{room.id, first, last}); }

void WireSession::event(const LocalRoom* room, const proto::Event& event) {
  auto local = event;
  local.room = room == nullptr ? RoomId{} : room->id;
  send(local);
}

}  // namespace hubbub::agent
