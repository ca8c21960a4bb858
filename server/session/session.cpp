#include "server/session/session.hpp"

#include <array>

#include <algorithm>

#include "common/log.hpp"
#include "server/core/core.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

constexpr std::size_t short_answer_bytes = 2048;
/// Arguments of calls that aren't answered yet: past this no more is read, so that TCP pushes back.
constexpr std::size_t call_bytes_max = 4u << 20;
/// What the last frames have to arrive, once the session is closing.
constexpr auto closing_time = std::chrono::seconds(2);
/// What the answers have to come in, once the client has said good-bye.
constexpr auto leaving_time = std::chrono::seconds(2);
/// What a client has to close its side, after it was sent everything. Closed with input unread, the connection would be
/// reset, and the client might never see the last frames.
constexpr auto lingering_time = std::chrono::seconds(1);

}  // namespace

Session::Session(Core& core, SessionRef ref, Stream stream, std::string host)
    : core_(core),
      ref_(ref),
      stream_(std::move(stream)),
      reader_(limits::handshake_frame_bytes_max),
      bucket_(core.config().limits.message_rate, core.config().limits.message_burst),
      host_(std::move(host)) {}

Attachment* Session::find_attachment(RoomId room) {
  const auto found = attachments_.find(room.value);
  return found == attachments_.end() ? nullptr : &found->second;
}

void Session::start() {
  heard_at_ = core_.steady_now();
  check_at(heard_at_ + std::chrono::milliseconds(core_.config().liveness.handshake_ms));
  wait_for_input();
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Session::wait_for_input() {
  if (readable_awaited_ || state_ == State::gone) return;
  readable_awaited_ = true;
  stream_.on_readable([&core = core_, ref = ref_] {
    if (auto* const session = core.find(ref)) session->on_readable();
  });
}

/// What one client makes the hub do may not cost the others: without memory for it, this one goes.
void Session::on_readable() try {
  readable_awaited_ = false;
  if (reading_stopped_ && state_ != State::closing) return;
  if (core_.lanes().blocked() && state_ != State::closing) return pause_reading();
  const auto buffer = core_.read_buffer();
  const auto result = stream_.read_some(buffer);
  if (result.status == IoStatus::would_block) return wait_for_input();
  if (result.status == IoStatus::closed && !result.error) return on_end_of_input();
  if (result.status != IoStatus::done) return drop(proto::CloseReason::lost);
  heard_at_ = core_.steady_now();
  pinged_ = false;                                        // whatever came shows that somebody is there
  if (state_ == State::closing) return wait_for_input();  // thrown away
  const auto outcome =
      reader_.feed({buffer.data(), result.bytes}, [this](const proto::Frame& frame) { return on_frame(frame); });
  if (outcome == FrameReader::Outcome::frame_too_large)
    close(is_stranger() ? proto::CloseReason::not_hubbub : proto::CloseReason::frame_too_large);
  if (state_ == State::gone) return;
  if (state_ != State::closing && (core_.lanes().blocked() || has_enough_to_do())) return pause_reading();
  wait_for_input();
} catch (const std::bad_alloc&) {
  log::error("no memory for what a client sent", {{"session", ref_.number()}, {"name", name_}});
  drop(proto::CloseReason::no_memory);
}

/// A client that ends its side has said good-bye, shortly: it still gets its answers, but nobody waits long for it.
void Session::on_end_of_input() {
  input_ended_ = true;
  const bool was_cut = state_ != State::closing && reader_.waiting_bytes() > 0;
  if (was_cut || is_stranger() || (state_ == State::closing && outbox_.empty())) return drop(proto::CloseReason::lost);
  if (state_ != State::open) return;  // welcome() and on_written() go on from here
  core_.fanout().detach_all(*this, false);
  take_leave();
}

/// Until there is room again for what it sends. TCP pushes back on the client meanwhile.
void Session::pause_reading() {
  reading_paused_ = true;
  resume_reading();
}

void Session::resume_reading() {
  if (!reading_paused_ || has_enough_to_do()) return;  // on_written() asks again, with every answer
  if (core_.lanes().blocked()) {
    if (!std::exchange(resume_wanted_, true)) core_.resume_later(*this);
    return;
  }
  reading_paused_ = false;
  wait_for_input();
}

void Session::lanes_opened() {
  resume_wanted_ = false;
  resume_reading();
}

/// Answers that it doesn't read, or questions that wait for theirs.
bool Session::has_enough_to_do() const {
  return outbox_.own_bytes() > unread_answers_bytes_max || call_bytes_ > call_bytes_max;
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Session::want_flush() {
  if (flush_wanted_ || state_ == State::gone) return;
  flush_wanted_ = true;
  core_.flush_later(*this);
}

bool Session::deliver(const Slice& slice) try {
  if (state_ == State::closing || state_ == State::gone) return true;  // nothing comes behind its last frame
  want_flush();
  outbox_.push(slice);
  if (outbox_.pinned_bytes() > core_.config().limits.queued_bytes) core_.fanout().fall_behind(*this);
  return true;
} catch (const std::bad_alloc&) {
  core_.fanout().fall_behind(*this);  // gives memory back; what it misses it reads later
  return false;
}

void Session::tell_frames(std::string_view frames) {
  if (state_ == State::closing || state_ == State::gone) return;
  outbox_.push_own(frames);
  want_flush();
}

void Session::tell_shared(const Slice& frame) {
  if (state_ == State::closing || state_ == State::gone) return;
  outbox_.push_shared(frame);
  want_flush();
}

void Session::tell_event(std::string_view frames) {
  if (state_ == State::open && outbox_.own_bytes() < unread_answers_bytes_max) tell_frames(frames);
}

void Session::reply(CallId call, Status status, std::string_view result) {
  const auto pending = std::ranges::find(calls_, call, &PendingCall::id);
  if (pending == calls_.end()) return;  // it was cancelled, or is past its deadline
  call_bytes_ -= pending->bytes;
  if (pending->held) std::erase_if(held_calls_, [call](const HeldCall& held) { return held.id == call; });
  const auto refusal = pending->of_service ? Status::unknown : Status::resource_exhausted;  // that one was run
  calls_.erase(pending);
  if (result.size() > short_answer_bytes && outbox_.own_bytes() > unread_answers_bytes_refused)
    tell(proto::Reply{call, refusal, {"too many answers are unread; read them, then ask again under the same id"}});
  else
    tell(proto::Reply{call, status, {result}});
  if (state_ == State::leaving) close_when_answered();
}

void Session::answer(CallId call, Status status, std::string_view result) {
  std::erase(large_running_, call);
  reply(call, status, result);
  start_held_calls();
}

bool Session::is_slow() const { return outbox_.pinned_bytes() > core_.config().limits.queued_bytes / 2; }

void Session::flush() {
  flush_wanted_ = false;
  if (state_ == State::gone || writable_awaited_) return;
  on_written(outbox_.write_to(stream_));
}

void Session::on_written(const IoResult& result) {
  if (result.status == IoStatus::closed || result.status == IoStatus::failed) return drop(proto::CloseReason::lost);
  if (!outbox_.empty()) {
    writable_awaited_ = true;
    stream_.on_writable([&core = core_, ref = ref_] {
      auto* const session = core.find(ref);
      if (session == nullptr) return;
      session->writable_awaited_ = false;
      session->want_flush();
    });
  } else if (state_ == State::closing) {
    if (input_ended_) return drop(proto::CloseReason::goodbye);
    stream_.shut_down_writing();
    return check_at(core_.steady_now() + lingering_time);
  } else if (!behind_.rooms.empty()) {
    core_.fanout().drained(*this);
  }
  if (shutting_down_ && outbox_.empty() && !is_behind()) close(proto::CloseReason::shutdown);
  if (state_ != State::open && state_ != State::leaving) return;
  start_held_calls();
  resume_reading();
}

// ── ending ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Everything that the client has sent so far is on its way to the homes of its rooms. Once each of them has committed
/// it, what it owes this session is here too.
void Session::take_leave() {
  state_ = State::leaving;
  homes_awaited_ = static_cast<std::uint16_t>(core_.core_count());
  const auto heard = [](Session& session) {
    --session.homes_awaited_;
    session.close_when_answered();
  };
  const auto flushed = [ref = ref_, heard](Core& home) { home.on_session(ref, heard); };
  for (unsigned home = 0; home < core_.core_count(); ++home)
    core_.lanes().run_after(home, Task([flushed](Core& there) { there.after_commit(Task(flushed)); }));
  check_at(core_.steady_now() + leaving_time);
}

void Session::close_when_answered() {
  if (homes_awaited_ == 0 && calls_.empty()) close(proto::CloseReason::goodbye);
}

void Session::close(proto::CloseReason reason, std::string_view sentence) {
  if (state_ == State::closing || state_ == State::gone) return;
  const auto& row = proto::row_of(reason);
  if (sentence.empty()) sentence = row.sentence;
  log::debug("closing a session", {{"session", ref_.number()}, {"name", name_}, {"reason", row.name}});
  tell(proto::Closing{reason, Text::literal(sentence)});
  state_ = State::closing;
  if (reason == proto::CloseReason::shutdown) leaves_in_order_ = true;
  if (reason != proto::CloseReason::shutdown) core_.fanout().detach_all(*this, false);
  tell_directory_the_end();
  check_at(core_.steady_now() +
           std::max<SteadyTime::duration>(closing_time, std::chrono::milliseconds(core_.config().liveness.drain_ms)));
  if (!input_ended_) wait_for_input();
}

/// What a reader that is behind still misses goes when the hub goes, so it is given the time to read it.
void Session::close_for_shutdown(SteadyTime::duration grace) {
  if (state_ != State::open || !is_behind()) return close(proto::CloseReason::shutdown);
  shutting_down_ = true;
  check_at(core_.steady_now() + grace);
}

void Session::drop(proto::CloseReason reason) {
  if (state_ == State::gone) return;
  log::debug("a session ended", {{"session", ref_.number()}, {"name", name_}, {"reason", proto::row_of(reason).name}});
  tell_directory_the_end();
  forget_waiting(calls_);
  core_.fanout().detach_all(*this, true);
  forget_deadlines();
  state_ = State::gone;
  stream_.close();
  core_.forget(*this);
}

void Session::tell_directory_the_end() {
  if (!std::exchange(greeting_sent_, false)) return;
  core_.with_directory([ref = ref_, now = core_.wall_now(), vanished = !leaves_in_order_](Directory& directory) {
    directory.end(ref, now, vanished);
  });
}

/// By the way that the calls took, over core 0: it reaches their rooms after them.
void Session::forget_waiting(const std::vector<PendingCall>& calls) {
  if (calls.empty()) return;
  core_.run_on(0, [ref = ref_, calls](Core& zero) {
    for (unsigned core = 0; core < zero.core_count(); ++core) {
      zero.run_on(core, [ref, calls](Core& there) {
        for (const auto& call : calls) there.home().forget_waiter(ref, call.id);
      });
    }
  });
}

void Session::dump(JsonWriter& json) const {
  static constexpr std::array<std::string_view, 5> states = {"greeting", "open", "leaving", "closing", "gone"};
  json.begin_object();
  json.field("session", ref_.number());
  json.field("core", ref_.core);
  json.field("host", host_);
  json.field("name", name_);
  json.field("state", states[static_cast<std::size_t>(state_)]);
  json.field("pinned_bytes", outbox_.pinned_bytes());
  json.field("own_bytes", outbox_.own_bytes());
  json.field("calls", calls_.size());
  json.field("reading_paused", reading_paused_);
  json.begin_list("rooms");
  for (const auto& [id, attachment] : attachments_) {
    json.begin_object();
    json.field("id", id);
    json.field("next", attachment.next.value);
    json.field("behind", attachment.state != Attachment::State::live);
    json.end();
  }
  json.end();
  json.end();
}

}  // namespace hubbub::server
