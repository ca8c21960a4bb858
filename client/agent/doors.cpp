#include "client/agent/doors.hpp"

#include <unistd.h>

#include <utility>

#include "client/agent/board_name.hpp"
#include "client/json/message_json.hpp"
#include "client/link/hub_key.hpp"
#include "client/link/kind_of.hpp"
#include "common/log.hpp"

namespace hubbub::agent {

namespace {

/// How long until a full spool, or a busy Link, is tried again.
constexpr std::chrono::milliseconds room_interval{50};

bool is_full(const Error& why) { return why.status == Status::resource_exhausted; }

}  // namespace

// ── the tree ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void TreeDoor::joined(const RoomName& room) {
  if (const auto made = tree_.join(room); !made)
    log::warn("a room's files couldn't be made", {{"room", room.str()}, {"why", made.error().sentence}});
}

Result<bool> TreeDoor::say(const RoomName& room, std::string_view body) {
  link::Outgoing message;
  message.room = room;
  message.kind = link::kind_of(body);
  message.body = body;
  auto taken = core_.sending.say(message, [room](const Result<Said>& said) {
    if (!said) log::warn("the hub refused a line of a FIFO", {{"room", room.str()}, {"why", said.error().sentence}});
  });
  if (taken ? *taken : !is_full(taken.error())) return taken;
  if (std::exchange(waits_, true)) return false;
  later_.expires_after(room_interval);
  later_.async_wait([this](std::error_code stopped) {
    if (stopped) return;
    waits_ = false;
    tree_.go_on();
  });
  return false;
}

// ── the board ────────────────────────────────────────────────────────────────────────────────────────────────────────

void BoardDoor::counted(const RoomName& room, const Attention::Count& count) {
  auto& told = told_[room];
  board_.set_room(
      {room, static_cast<std::uint32_t>(count.unread), static_cast<std::uint32_t>(count.mentions), count.last});
  if (count.unread != told.unread) pokes_.happened(PokeOn::unread);
  if (count.mentions > told.mentions) pokes_.happened(PokeOn::mention);
  told = count;
}

void BoardDoor::left(const RoomName& room) {
  board_.forget_room(room);
  told_.erase(room);
}

void BoardDoor::person(const proto::Person& person) {
  board_.set_person(person);
  const auto [known, is_new] = presence_.try_emplace(person.name, person.presence);
  if (!is_new && known->second == person.presence) return;
  known->second = person.presence;
  pokes_.happened(PokeOn::presence);
}

void BoardDoor::person_left(const PersonName& name) {
  board_.forget_person(name);
  presence_.erase(name);
}

// ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────

namespace {

std::vector<std::string> variables_for_hooks(const link::AgentPlace& place, const Address& hub) {
  return {"HUBBUB_URL=" + hub.str(), "HUBBUB_SOCK=" + place.socket()};
}

}  // namespace

Doors::Doors(Core& core, const link::AgentPlace& place, const Address& hub)
    : core_(core),
      place_(place),
      hub_(hub),
      pokes_(core.loop, clock_, {}, [](const std::string& sentence) { log::info(sentence); }),
      hooks_(core.loop, variables_for_hooks(place, hub),
             {[this](const RoomName& room, std::string text) { say_reply(room, std::move(text)); },
              [](const link::Message& message) {
                std::string line;
                json::append_json(message, line);
                return line + "\n";
              }}),
      hook_door_(hooks_, core.own_rooms),
      later_(core.loop) {}

void Doors::open(const AgentConfig& config) {
  open_tree();
  open_board();
  open_queue();
  core_.own_rooms.add(hook_door_);
  configure(config);
}

void Doors::configure(const AgentConfig& config) {
  hooks_.set_rules(config.hooks);
  core_.own_rooms.keep(config.rooms);
}

void Doors::tell_closed(std::string door, const Error& why) {
  log::warn("a door stays closed", {{"door", door}, {"why", why.sentence}});
  closed_.push_back({std::move(door), why.sentence});
}

void Doors::open_tree() {
  tree_.emplace(core_, place_.rooms());
  if (const auto started = tree_->start(); !started) return tell_closed("tree", started.error()), tree_.reset();
  core_.own_rooms.add(*tree_);
}

void Doors::open_board() {
  auto made = BoardWriter::make(board_name(::geteuid(), link::hub_key(hub_)));
  if (!made) return tell_closed("board", made.error());
  board_ = *std::move(made);
  board_->set_names(hub_.str(), core_.own_rooms.self().str());
  board_door_.emplace(*board_, pokes_);
  core_.own_rooms.add(*board_door_);
}

/// One queue for all agents of the user: the first has it.
void Doors::open_queue() {
  auto lock = AgentLock::take(queue_lock_path());
  if (!lock && lock.error().status == Status::already_exists)
    return tell_closed("queue", {Status::already_exists, "the agent of another hub has it"});
  if (!lock) return tell_closed("queue", lock.error());
  queue_lock_ = *std::move(lock);
  queue_.emplace(core_.loop, Queue::Options{queue_name()},
                 Queue::Events{[this](Queued message, Level level) { say_queued(std::move(message), level); },
                               [](const std::string& sentence) {
                                 log::warn("the queue", {{"note", sentence}});
                               }});
  if (const auto started = queue_->start(); !started) return tell_closed("queue", started.error()), queue_.reset();
  const auto& attributes = queue_->attributes();
  log::info("a message queue is open",
            {{"name", queue_name()}, {"messages", attributes.messages}, {"message_bytes", attributes.message_bytes}});
}

void Doors::keep_queue() {
  if (!queue_lock_ || queue_lock_->is_in_place()) return;
  auto lock = AgentLock::take(queue_lock_path());
  if (lock) {
    queue_lock_ = *std::move(lock);
    log::warn("the lock of the message queue was taken away; made it anew");
  } else if (lock.error().status == Status::already_exists) {
    queue_lock_.reset();
    queue_.reset();
    tell_closed("queue", {Status::already_exists, "the agent of another hub has taken it"});
  }
}

/// While there is no room in the spool the queue isn't read: its senders hear of that.
void Doors::say_queued(Queued message, Level level) {
  link::Outgoing outgoing;
  outgoing.room = message.room;
  outgoing.kind = link::kind_of(message.body);
  if (level != Level::normal)
    outgoing.headers.list.push_back({priority_header, std::string(level_names[static_cast<std::size_t>(level)])});
  outgoing.body = std::move(message.body);
  waiting_ = std::move(outgoing);
  say_waiting();
}

void Doors::say_waiting() {
  const auto taken = core_.sending.say(*waiting_, [](const Result<Said>& said) {
    if (!said) log::warn("the hub refused a message of the queue", {{"why", said.error().sentence}});
  });
  const bool later = taken ? !*taken : is_full(taken.error());
  if (!taken && !later) log::warn("a message of the queue can't be said", {{"why", taken.error().sentence}});
  if (!later) {
    waiting_.reset();
    if (queue_) queue_->resume();
    return;
  }
  if (queue_) queue_->pause();
  later_.expires_after(room_interval);
  later_.async_wait([this](std::error_code stopped) {
    if (!stopped) say_waiting();
  });
}

void Doors::say_reply(const RoomName& room, std::string text) {
  link::Outgoing message;
  message.room = room;
  message.kind = proto::Kind::notice;
  message.body = std::move(text);
  const auto taken = core_.sending.say(message, [](const Result<Said>&) {});
  if (!taken || !*taken) log::warn("what a hook replied is lost", {{"room", room.str()}});
}

void Doors::set_connection(BoardConnection connection) {
  if (!board_) return;
  board_->set_names(hub_.str(), core_.own_rooms.self().str());
  board_->set_connection(connection);
}

void Doors::beat() {
  if (!board_) return;
  if (!board_->is_in_place()) {
    const auto restored = board_->restore();
    if (const bool known = std::exchange(board_is_lost_, !restored); !restored && !known)
      log::warn("nobody can read the board", {{"why", restored.error().sentence}});
    if (!restored) return;
    log::warn("the board was taken away; made it anew");
  }
  board_->beat(clock_.steady_now());
}

void Doors::look() {
  if (tree_) tree_->tree().look();
}

void Doors::close(std::function<void()> closed) {
  later_.cancel();
  if (queue_) queue_->drain();
  if (waiting_) log::warn("a message of the queue is lost: there was no room for it to the end");
  queue_.reset();
  if (queue_lock_) queue_lock_->remove();
  if (tree_) tree_->tree().clear();
  hooks_.stop(std::move(closed));
}

}  // namespace hubbub::agent
