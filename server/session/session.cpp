#include "server/session/session.hpp"

#include "common/log.hpp"
#include "server/core/core.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

/// Answers that a client hasn't read: past this it isn't asked for more questions.
constexpr std::size_t unread_answers_bytes_max = 256 * 1024;
/// What the last frames have to arrive, once the session is closing.
constexpr auto closing_time = std::chrono::seconds(2);
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
  const auto buffer = core_.read_buffer();
  const auto result = stream_.read_some(buffer);
  if (result.status == IoStatus::would_block) return wait_for_input();
  if (result.status == IoStatus::closed && !result.error) return on_end_of_input();
  if (result.status != IoStatus::done) return drop(proto::CloseReason::lost);
  heard_at_ = core_.steady_now();
  if (state_ == State::closing) return wait_for_input();  // thrown away
  const auto outcome =
      reader_.feed({buffer.data(), result.bytes}, [this](const proto::Frame& frame) { return on_frame(frame); });
  if (outcome == FrameReader::Outcome::frame_too_large)
    close(state_ == State::greeting ? proto::CloseReason::not_hubbub : proto::CloseReason::frame_too_large);
  if (state_ == State::gone) return;
  if (state_ != State::closing && (core_.lanes().blocked() || outbox_.own_bytes() > unread_answers_bytes_max))
    return pause_reading();
  wait_for_input();
} catch (const std::bad_alloc&) {
  log::error("no memory for what a client sent", {{"session", ref_.number()}, {"name", name_}});
  drop(proto::CloseReason::no_memory);
}

/// A client that ends its side has said good-bye, shortly: it still gets its answers, but nobody waits long for it.
void Session::on_end_of_input() {
  if (state_ != State::open || reader_.waiting_bytes() > 0) return drop(proto::CloseReason::lost);
  input_ended_ = true;
  core_.fanout().detach_all(*this);
  on(proto::Goodbye{});
  check_at(core_.steady_now() + closing_time);
}

/// Until there is room again for what it sends. TCP pushes back on the client meanwhile.
void Session::pause_reading() {
  reading_paused_ = true;
  core_.resume_later(*this);
}

void Session::resume_reading() {
  if (!reading_paused_ || core_.lanes().blocked() || outbox_.own_bytes() > unread_answers_bytes_max) return;
  reading_paused_ = false;
  wait_for_input();
}

// ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Session::want_flush() {
  if (flush_wanted_ || state_ == State::gone) return;
  flush_wanted_ = true;
  core_.flush_later(*this);
}

bool Session::deliver(const Slice& slice) try {
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

void Session::tell_event(std::string_view frames) {
  if (state_ == State::open && outbox_.own_bytes() < unread_answers_bytes_max) tell_frames(frames);
}

void Session::reply(CallId call, Status status, std::string_view result) {
  if (std::erase(calls_, call) == 0) return;  // cancelled, or past its deadline
  tell(proto::Reply{call, status, {result}});
  if (state_ == State::leaving) leave_when_answered();
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
    stream_.shut_down_writing();
    return check_at(core_.steady_now() + lingering_time);
  } else if (behind_) {
    behind_ = false;
    core_.fanout().drained(*this);
  }
  if (state_ == State::open || state_ == State::leaving) resume_reading();
}

// ── ending ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Session::close(proto::CloseReason reason, std::string_view sentence) {
  if (state_ == State::closing || state_ == State::gone) return;
  const auto& row = proto::row_of(reason);
  if (sentence.empty()) sentence = row.sentence;
  log::debug("closing a session", {{"session", ref_.number()}, {"name", name_}, {"reason", row.name}});
  tell(proto::Closing{reason, Text::literal(sentence)});
  state_ = State::closing;
  if (reason != proto::CloseReason::shutdown) core_.fanout().detach_all(*this);
  tell_directory_the_end();
  check_at(core_.steady_now() +
           std::max<SteadyTime::duration>(closing_time, std::chrono::milliseconds(core_.config().liveness.drain_ms)));
  if (!input_ended_) wait_for_input();
}

void Session::drop(proto::CloseReason reason) {
  if (state_ == State::gone) return;
  log::debug("a session ended", {{"session", ref_.number()}, {"name", name_}, {"reason", proto::row_of(reason).name}});
  tell_directory_the_end();
  forget_calls();
  core_.fanout().detach_all(*this);
  state_ = State::gone;
  stream_.close();
  core_.forget(*this);
}

void Session::tell_directory_the_end() {
  if (!std::exchange(greeting_sent_, false)) return;
  core_.with_directory([ref = ref_, now = core_.wall_now()](Directory& directory) { directory.end(ref, now); });
}

void Session::forget_calls() {
  for (const auto call : calls_)
    for (unsigned core = 0; core < core_.core_count(); ++core)
      core_.run_on(core, [ref = ref_, call](Core& there) { there.home().forget_waiter(ref, call); });
}

}  // namespace hubbub::server
