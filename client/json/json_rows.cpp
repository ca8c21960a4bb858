#include "client/json/json_rows.hpp"

#include "client/json/json_archive.hpp"

namespace hubbub::json {

std::string json_row(const proto::Person& person) { return to_json(person).dump(); }
std::string json_row(const proto::RoomInfo& room) { return to_json(room).dump(); }
std::string json_row(const proto::LagInfo& reader) { return to_json(reader).dump(); }
std::string json_row(const proto::GroupInfo& group) { return to_json(group).dump(); }
std::string json_row(const proto::ServiceProvider& provider) { return to_json(provider).dump(); }
std::string json_row(const proto::LaterMessage& message) { return to_json(message).dump(); }

}  // namespace hubbub::json
