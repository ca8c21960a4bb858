// What a dump of the live state holds: sessions, rooms, queues, cursors and memory, of all cores at one moment.
#pragma once

#include <string>

#include "server/core/core.hpp"
#include "server/dispatch/directory.hpp"
#include "server/dump/json_writer.hpp"

namespace hubbub::server {

/// REQUIRES: no core runs, or this is a forked child of the hub.
void write_dump(JsonWriter& json, const HubShared& hub, const Directory& directory, WallTime now);

}  // namespace hubbub::server
