// Who a person is where nothing better proves it: a secret of this user on this machine, kept in
// $XDG_STATE_HOME/hubbub/identity, which only the user can read. Whoever shows it again gets the same name back.
#pragma once

#include <optional>
#include <string>

#include "proto/ids.hpp"
#include "proto/status.hpp"

namespace hubbub::link {

struct Identity {
  OwnerKey owner;
  /// Why `owner` is only this process's own: there was nowhere to keep it. Worth a warning, not an end.
  std::optional<Error> not_kept;
};

/// The key in the user's file, made at the first call. Never fails: see not_kept.
Identity identity();

/// The key in that file; makes file and folders (0600, 0700) if there are none. Of several processes that do so at once
/// all get the same key. Fails where the file can't be made or read, or holds something else.
Result<OwnerKey> kept_owner_key(const std::string& path);

}  // namespace hubbub::link
