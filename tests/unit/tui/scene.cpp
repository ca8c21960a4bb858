#include "tests/unit/tui/scene.hpp"

#include <cstdlib>
#include <stdexcept>

namespace hubbub::tui {

Scene::Scene(Size size, std::vector<std::string> rooms) {
  ::setenv("TZ", "UTC", 1);
  Config config;
  config.hub = "tcp://127.0.0.1:4848";
  for (const auto& name : rooms) config.rooms.push_back(RoomName::literal(name));
  state = initial_state(config, size, noon);
  goes_online();
  for (const auto& name : rooms) {
    JoinEnded joined{RoomName::literal(name), proto::RoomJoin::Reply{}};
    happens(joined);
    HistoryCame came{AskHistory{RoomName::literal(name), {}, 0}, HistoryPage{}};
    happens(came);
  }
  take_effects(state);
}

void Scene::goes_online(bool new_life) {
  link::Online online;
  online.welcome.name = PersonName::literal("alice");
  online.resumed = state.was_online;
  online.new_life = new_life;
  happens(link::Incoming(online));
}

void Scene::goes_offline() {
  link::Offline offline;
  offline.why = {Status::unavailable, "the hub is shutting down"};
  offline.retry_in = std::chrono::seconds(3);
  happens(link::Incoming(offline));
}

void Scene::comes_back_after_restart() {
  link::Online online;
  online.welcome.name = PersonName::literal("alice");
  online.resumed = online.new_life = online.same_data = true;
  happens(link::Incoming(online));
}

void Scene::joined(const std::string& room_name, std::uint64_t last_seq, std::uint64_t read) {
  proto::RoomJoin::Reply reply;
  reply.last = Seq{last_seq};
  reply.read = Seq{read};
  happens(JoinEnded{RoomName::literal(room_name), reply});
}

void Scene::history_comes(const std::string& room_name, std::uint64_t first, std::vector<link::Message> messages) {
  const auto name = RoomName::literal(room_name);
  happens(HistoryCame{AskHistory{name, {}, room(room_name).life}, HistoryPage{Seq{first}, std::move(messages)}});
}

void Scene::reads_elsewhere(const std::string& room_name, std::uint64_t seq) {
  auto read = event(room_name, proto::EventKind::read, person("alice"));
  read.event.seq = Seq{seq};
  happens(link::Incoming(read));
}

void Scene::hears(const std::string& room_name, const std::string& from, const std::string& text, proto::Kind kind) {
  happens(link::Incoming(message(room_name, ++last[room_name], from, text, kind, state.now)));
}

void Scene::types(const std::string& text) {
  for (const char byte : text) presses(Key::typed(std::string(1, byte)));
}

void Scene::pastes(const std::string& text) { presses(Key{KeyCode::paste, text}); }

void Scene::enters(const std::string& line) {
  types(line);
  presses(Key::of(KeyCode::enter));
}

void Scene::is_told(const Say& said, Result<Seq> seq) {
  SayEnded ended{said, std::move(seq)};
  happens(ended);
}

void Scene::time_passes(std::uint64_t seconds) { happens(Tick{after(state.now, seconds), {}}); }

std::vector<std::string> Scene::rows() const {
  std::vector<std::string> rows;
  const auto shown = screen();
  for (int row = 0; row < shown.size().rows; ++row) rows.push_back(shown.text(row));
  return rows;
}

std::string Scene::seen() const {
  std::string text;
  for (const auto& row : rows()) text += row + '\n';
  return text;
}

link::Message message(const std::string& room, std::uint64_t seq, const std::string& from, const std::string& text,
                      proto::Kind kind, WallTime time) {
  link::Message message;
  message.room = RoomName::literal(room);
  message.seq = Seq{seq};
  message.time = time;
  message.from = PersonName::literal(from);
  message.kind = kind;
  message.body = text;
  return message;
}

proto::Person person(const std::string& name, proto::Presence presence, bool verified) {
  proto::Person person;
  person.name = PersonName::literal(name);
  person.presence = presence;
  person.verified = verified;
  return person;
}

link::Presence event(const std::string& room, proto::EventKind kind, const proto::Person& who,
                     const std::string& text) {
  link::Presence presence;
  if (!room.empty()) presence.room = RoomName::literal(room);
  presence.event.kind = kind;
  presence.event.person = who;
  presence.event.text = Topic::literal(text);
  return presence;
}

}  // namespace hubbub::tui
