// The directory's part of a dump: people, and rooms with their members and cursors.
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

void Directory::dump(JsonWriter& json, const std::function<void(RoomId)>& dump_room) const {
  json.begin_list("people");
  for (const auto& [name, person] : people_) {
    json.begin_object();
    json.field("name", name);
    json.field("verified", person->verified);
    json.field("sessions", person->sessions.size());
    json.field("away", person->away.str());
    json.field("active_at_ns", person->active_at.ns);
    json.end();
  }
  json.end();
  json.begin_list("rooms");
  for (const auto& [key, room] : rooms_) {
    json.begin_object();
    json.field("name", key);
    json.field("id", room->id.value);
    json.field("durable", room->durable);
    json.field("topic", room->topic.str());
    dump_room(room->id);
    json.begin_list("members");
    for (const auto& [member, person] : room->members) json.element(member);
    json.end();
    json.begin_list("cursors");
    for (const auto& [reader, cursor] : room->cursors) {
      json.begin_object();
      json.field("person", reader.first->name.str());
      json.field("consumer", reader.second);
      json.field("seq", cursor.seq.value);
      json.field("moved_at_ns", cursor.moved_at.ns);
      json.end();
    }
    json.end();
    json.end();
  }
  json.end();
}

}  // namespace hubbub::server
