// A copy of a hub's database in one file, while the hub serves or not; and back.
//   DIR/hub.db --back_up--> FILE --restore--> DIR/hub.db
#pragma once

#include <string>

#include "server/log/sqlite/schema.hpp"

namespace hubbub::server::sqlite {

/// Everything up to one moment, packed. FILE is whole and on the disk, or as it was. It must not be there yet, unless
/// `replace`, and never beside the hub's own files. A hub that serves meanwhile isn't disturbed; its write-ahead log
/// grows until the copy is made.
Result<void> back_up(const std::string& directory, const std::string& file, bool replace);

/// Makes DIR, all of it or nothing, what it was when the backup was made, and draws a new id for it: clients that have
/// seen later messages must not take the ones that come now for those. Refused while a hub serves from DIR, and unless
/// `replace` where there is a database already.
Result<void> restore(const std::string& file, const std::string& directory, bool replace, StoreId id);

}  // namespace hubbub::server::sqlite
