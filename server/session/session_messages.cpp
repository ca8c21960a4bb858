// What a client's messages do.
#include <algorithm>
#include <array>

#include "common/clock.hpp"
#include "common/log.hpp"
#include "proto/marks.hpp"
#include "server/core/core.hpp"
#include "server/dispatch/directory.hpp"
#include "server/session/user_name.hpp"

namespace hubbub::server {

namespace {

/// How often a refusal answers publishes that asked for no answer.
constexpr auto unasked_refusal_interval = std::chrono::seconds(1);
/// What may come between a Hello and its Welcome.
constexpr std::size_t early_bytes_max = 64 * 1024;
/// How often the directory hears that somebody isn't idle.
constexpr auto activity_interval = std::chrono::seconds(10);

/// Answers as large as a frame that are made for one session at once; the calls behind them wait.
constexpr std::size_t large_answers_max = 4;
/// Calls of one session that wait for a room's next message, each of which is copied for each.
constexpr std::size_t next_calls_max = 16;

constexpr std::string_view fenced_off = "another program publishes under this client id now (producer.register)";
constexpr std::string_view leaves = "the provider is about to leave; try again";
constexpr std::string_view doesnt_read = "the provider doesn't read what it is given; the call wasn't given to it";
constexpr std::string_view cancelled = "the client cancelled the call";
constexpr std::string_view too_fast = "too many messages a second; slow down and send it again";

}  // namespace

bool Session::on_frame(const proto::Frame& frame) {
  if (state_ == State::greeting && greeting_sent_) {
    keep_for_later(frame);
  } else if (state_ == State::greeting) {
    on_hello(frame);
  } else if (frame.type == proto::Publish::type) {
    on_publish(frame.payload);
  } else if (const auto message = proto::decode_from_client(frame); message) {
    std::visit([this](const auto& known) { on(known); }, *message);
  } else if (message.error() != proto::DecodeError::unknown_type) {
    close(message.error() == proto::DecodeError::wrong_side ? proto::CloseReason::wrong_side
                                                            : proto::CloseReason::malformed);
  }
  return state_ == State::greeting || state_ == State::open || state_ == State::leaving;
}

// ── coming and going ─────────────────────────────────────────────────────────────────────────────────────────────────

void Session::on_hello(const proto::Frame& frame) {
  if (frame.type != proto::Hello::type) {
    const bool ours = proto::decode_from_client(frame).has_value();
    return close(ours ? proto::CloseReason::not_greeted : proto::CloseReason::not_hubbub);
  }
  const auto start = proto::HelloStart::read(frame.payload);
  if (!start) return close(proto::CloseReason::not_hubbub);
  if (start->major != proto::protocol_major) {
    return close(proto::CloseReason::version, "the hub speaks version " + std::to_string(proto::protocol_major) +
                                                  " of the protocol and the client " + std::to_string(start->major) +
                                                  "; update the older of the two");
  }
  const auto message = proto::decode_from_client(frame);
  if (!message) return close(proto::CloseReason::malformed);
  const auto& hello = std::get<proto::Hello>(*message);
  origin_ = {ref_, hello.client, {}, false, 0, stream_.is_local()};
  Greeting greeting{ref_, hello.client, hello.owner, hello.name.str(), {}, {}};
  if (const auto peer = stream_.is_local() ? stream_.peer_credentials() : std::nullopt) {
    greeting.uid = peer->uid;
    greeting.proven = user_name(peer->uid);
  } else if (!greeting.wanted_name.empty()) {
    if (const auto name = PersonName::parse(greeting.wanted_name); !name)
      return close(proto::CloseReason::name_refused, name.error().sentence);
  }
  log::debug(
      "a client says hello",
      {{"session", ref_.number()}, {"from", host_}, {"program", hello.program.str()}, {"name", hello.name.str()}});
  greeting_sent_ = true;
  core_.with_directory([greeting = std::move(greeting), now = core_.wall_now()](Directory& directory) {
    directory.greet(greeting, now);
  });
}

/// A client needn't wait for its Welcome: what comes before it is taken up after it.
void Session::keep_for_later(const proto::Frame& frame) {
  if (early_.size() + frame.payload.size() > early_bytes_max) return close(proto::CloseReason::frame_too_large);
  std::array<char, proto::frame_header_bytes> header;
  proto::write_frame_header(header.data(), {frame.type, static_cast<std::uint32_t>(frame.payload.size())});
  early_.append(header.data(), header.size()).append(frame.payload);
}

void Session::welcome(const PersonName& name, bool verified) {
  if (state_ != State::greeting) return;
  state_ = State::open;
  renamed(name);
  origin_.verified = verified;
  reader_.set_payload_bytes_max(limits::frame_bytes_max);
  proto::Welcome welcome;
  welcome.hub = Text::literal("hubbubd " HUBBUB_VERSION);
  welcome.life = core_.hub().life;
  welcome.name = name;
  welcome.verified = verified;
  welcome.ping_ms = static_cast<std::uint32_t>(core_.config().liveness.ping_ms);
  welcome.frame_bytes_max = limits::frame_bytes_max;
  welcome.store = core_.hub().store_id;
  tell(welcome);
  const auto early = std::exchange(early_, {});
  FrameReader(limits::frame_bytes_max).feed(early, [this](const proto::Frame& frame) { return on_frame(frame); });
  if (state_ != State::open) return;
  if (input_ended_) return on_end_of_input();
  check_at(core_.steady_now() + std::chrono::milliseconds(core_.config().liveness.ping_ms));
}

void Session::on(const proto::Hello&) { close(proto::CloseReason::greeted_twice); }

void Session::on(const proto::Goodbye&) {
  leaves_in_order_ = true;
  if (state_ == State::open) take_leave();
}

void Session::on(const proto::Ping& ping) { tell(proto::Pong{ping.token}); }

void Session::on(const proto::Pong&) {}  // whatever comes shows that somebody is there

// ── saying ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Session::on_publish(std::string_view payload) {
  const auto said = proto::PublishView::parse(payload);
  if (!said) return close(proto::CloseReason::malformed);
  if (waits_for_refused(*said)) return;
  if (!aim_at(said->room)) return refuse(*said, Status::not_found, "ask for the room's id with room.open first");
  if (!proto::is_known(said->kind) || !proto::are_headers(said->headers) ||
      said->body.size() > limits::body_bytes_max || (said->kind != proto::Kind::data && !is_utf8(said->body)))
    return refuse(*said, Status::invalid_argument, "the message breaks a rule: its kind, headers, size or UTF-8");
  if ((said->flags & proto::flags::marked) != 0)
    if (const auto good = proto::check_marks(said->headers, said->body.size()); !good)
      return refuse(*said, good.error().status, good.error().sentence);
  if (fenced_) return refuse(*said, Status::permission_denied, fenced_off, proto::Refusal::fenced);
  if (!bucket_.take(core_.steady_now())) return refuse(*said, Status::resource_exhausted, too_fast);
  if (said->id.value != 0) note_activity();
  if ((said->flags & proto::flags::traced) != 0) origin_.read_at = SystemClock().wall_now();

  if (target_.here != nullptr)
    core_.home().publish(*target_.here, origin_, *said);
  else
    core_.lanes().put(target_.home, origin_, *said);
}

void Session::hand(const Handing& handing) {
  handed_.emplace(handing.room, handing.seq);
  tell_shared(handing.frame);
}

void Session::forget_handed(RoomId room) {
  handed_.erase(handed_.lower_bound({room, Seq{}}), handed_.upper_bound({room, Seq{UINT64_MAX}}));
}

/// Only what is owed goes on to the room's home, so that nobody floods it.
void Session::on(const proto::Settle& settle) {
  const auto* const attachment = find_attachment(settle.room);
  if (handed_.erase({settle.room, settle.seq}) == 0 || attachment == nullptr || !attachment->group) return;
  const auto verdict = proto::is_known(settle.verdict) ? settle.verdict : proto::Verdict::again;
  Settlement settlement{settle.seq, verdict, {settle.reason.str(), settle.detail.str(), worker()}};
  core_.at_home(settle.room, [ref = ref_, group = *attachment->group, settlement = std::move(settlement)](
                                 Room& room, Core&) { room.acked().settle(ref, group, settlement); });
}

/// One refusal answers the whole burst behind it: nothing of that room is taken until the refused id has come again.
bool Session::waits_for_refused(const proto::PublishView& said) {
  if (refused_.empty() || said.id.value == 0) return false;
  const auto refused = refused_.find(said.room.value);
  if (refused == refused_.end()) return false;
  if (said.id > refused->second) return true;
  refused_.erase(refused);
  return false;
}

/// True if it may publish to the room, which is the target then.
bool Session::aim_at(RoomId room) {
  if (room == target_.room) return room.value != 0;
  if (!admitted_.contains(room.value) && !attachments_.contains(room.value)) return false;
  const auto home = core_.home_of(room);
  target_ = {room, home, home == core_.index() ? core_.home().find(room) : nullptr};
  return true;
}

void Session::refuse(const proto::PublishView& said, Status status, std::string_view sentence, proto::Refusal why) {
  if (said.id.value == 0) {
    if (core_.steady_now() - refused_at_ < unasked_refusal_interval) return;
    refused_at_ = core_.steady_now();
  } else if (status != Status::not_found) {  // that room has no order here that could be kept
    refused_.insert_or_assign(said.room.value, said.id);
  }
  tell(proto::PublishRefused{said.room, said.id, said.id, status, Text::literal(sentence), why});
}

void Session::note_activity() {
  if (core_.steady_now() - active_at_ < activity_interval) return;
  active_at_ = core_.steady_now();
  core_.with_directory([ref = ref_, now = core_.wall_now()](Directory& directory) { directory.active(ref, now); });
}

// ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Session::on(const proto::Call& call) {
  if (state_ == State::leaving) return;
  if (std::ranges::find(calls_, call.id, &PendingCall::id) != calls_.end())
    return;  // asked again: one answer serves both
  const auto due = core_.steady_now() + std::chrono::milliseconds(call.deadline_ms);
  const bool waits = call.method.str() == proto::RoomNext::name;
  const auto waiting = waits ? std::ranges::count(calls_, true, &PendingCall::waits) : 0;
  calls_.push_back({call.id, call.deadline_ms == 0 ? SteadyTime::max() : due, call.arguments.bytes.size(),
                    proto::has_large_reply(call.method.str()), waits, false, proto::is_of_service(call.method.str())});
  call_bytes_ += call.arguments.bytes.size();
  if (calls_.size() > core_.config().limits.calls_in_flight)
    return reply(call.id, Status::resource_exhausted, "too many calls of this session wait for their answers");
  if (call.method.str() == proto::RoomPost::name && !bucket_.take(core_.steady_now()))
    return reply(call.id, Status::resource_exhausted, too_fast);
  if (waiting >= static_cast<std::ptrdiff_t>(next_calls_max))
    return reply(call.id, Status::resource_exhausted,
                 "too many calls of this session wait for a next message; subscribe instead");
  plan_expiry();
  calls_.back().held = calls_.back().large && (!held_calls_.empty() || !may_start_large());
  if (calls_.back().held)
    held_calls_.push_back({call.id, call.method, std::string(call.arguments.bytes)});
  else
    start(calls_.back(), call.method, std::string(call.arguments.bytes));
}

void Session::start(const PendingCall& call, const MethodName& method, std::string arguments) {
  if (call.large) large_running_.push_back(call.id);
  std::uint32_t deadline_ms = 0;
  if (call.due != SteadyTime::max()) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.due - core_.steady_now());
    deadline_ms = static_cast<std::uint32_t>(std::max<std::int64_t>(left.count(), 1));
  }
  core_.with_directory(
      [ref = ref_, id = call.id, method, arguments = std::move(arguments), now = core_.wall_now(),
       deadline_ms](Directory& directory) { directory.call(ref, id, method, arguments, now, deadline_ms); });
}

/// Not while others are being made, or wait to be read.
bool Session::may_start_large() const {
  return outbox_.own_bytes() <= unread_answers_bytes_max && large_running_.size() < large_answers_max;
}

void Session::start_held_calls() {
  while (!held_calls_.empty() && may_start_large()) {
    auto call = std::move(held_calls_.front());
    held_calls_.pop_front();
    const auto pending = std::ranges::find(calls_, call.id, &PendingCall::id);
    pending->held = false;
    start(*pending, call.method, std::move(call.arguments));
  }
}

void Session::on(const proto::Cancel& cancel) {
  const auto pending = std::ranges::find(calls_, cancel.id, &PendingCall::id);
  if (pending == calls_.end()) return;
  forget_waiting({*pending});
  if (pending->of_service) give_up(cancel.id, Status::cancelled, cancelled);
  reply(cancel.id, Status::cancelled, cancelled);
}

/// The directory knows what has come of a service's call by now.
void Session::give_up(CallId call, Status why, std::string_view sentence) {
  core_.with_directory([ref = ref_, call, error = Error{why, std::string(sentence)}](Directory& directory) {
    directory.give_up(ref, call, error);
  });
}

void Session::invoke(InvocationId id, std::string_view frame) {
  if (state_ == State::open && outbox_.own_bytes() <= unread_answers_bytes_refused) {
    owed_.insert(std::ranges::lower_bound(owed_, id), id);
    return tell_frames(frame);
  }
  const bool has_left = state_ != State::open;
  core_.with_directory([ref = ref_, id, has_left, now = core_.wall_now()](Directory& directory) {
    const auto status = has_left ? Status::unavailable : Status::resource_exhausted;
    directory.outcome(ref, {id, status, {has_left ? leaves : doesnt_read}}, now);
  });
}

/// Only what is owed goes on to the directory, so that nobody floods it.
void Session::on(const proto::Outcome& outcome) {
  const auto owed = std::ranges::lower_bound(owed_, outcome.id);
  if (owed == owed_.end() || *owed != outcome.id) return;
  owed_.erase(owed);
  core_.with_directory([ref = ref_, id = outcome.id, status = outcome.status,
                        result = std::string(outcome.result.bytes), now = core_.wall_now()](Directory& directory) {
    directory.outcome(ref, {id, status, {result}}, now);
  });
}

void Session::attach_all(CallId call, std::size_t matched, const std::vector<RoomToAttach>& rooms) {
  const auto answer = [&core = core_, ref = ref_, call, matched] {
    auto* const session = core.find(ref);
    if (session == nullptr || call == CallId{}) return;
    std::string result;
    proto::encode_value(proto::RoomSubscribe::Reply{static_cast<std::uint32_t>(matched)}, result);
    session->reply(call, Status::ok, result);
  };
  if (rooms.empty() || state_ == State::closing) return answer();
  const auto left = std::make_shared<std::size_t>(rooms.size());
  for (const auto& room : rooms) {
    core_.fanout().attach(*this, room, [left, answer] {
      if (--*left == 0) answer();
    });
  }
}

}  // namespace hubbub::server
