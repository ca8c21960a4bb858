// What the hub lists, as one line of JSON each.
#pragma once

#include <string>

#include "proto/messages/presence.hpp"
#include "proto/methods/cursors.hpp"
#include "proto/methods/groups.hpp"
#include "proto/methods/later.hpp"
#include "proto/methods/rooms.hpp"
#include "proto/methods/services.hpp"

namespace hubbub::json {

std::string json_row(const proto::Person& person);
std::string json_row(const proto::RoomInfo& room);
std::string json_row(const proto::LagInfo& reader);
std::string json_row(const proto::GroupInfo& group);
std::string json_row(const proto::ServiceProvider& provider);
std::string json_row(const proto::LaterMessage& message);

}  // namespace hubbub::json
