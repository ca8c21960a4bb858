#include "client/cli/json_rows.hpp"

#include "client/cli/json_archive.hpp"

namespace hubbub::cli {

std::string json_row(const proto::Person& person) { return to_json(person).dump(); }
std::string json_row(const proto::RoomInfo& room) { return to_json(room).dump(); }
std::string json_row(const proto::LagInfo& reader) { return to_json(reader).dump(); }

}  // namespace hubbub::cli
