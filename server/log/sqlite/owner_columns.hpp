// An Owner in a row: two columns, one of which is null.
#pragma once

#include "server/log/records.hpp"
#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

inline Owner owner_in(const Rows& rows, int owner, int uid) {
  if (rows.is_null(uid)) return rows.random128<OwnerKey>(owner);
  return static_cast<unsigned>(rows.integer(uid));
}

/// Calls `with(owner, uid)`, one of which is null.
template <class With>
auto with_owner(const Owner& owner, With&& with) {
  if (const auto* const key = std::get_if<OwnerKey>(&owner)) return with(*key, nullptr);
  return with(nullptr, std::get<unsigned>(owner));
}

}  // namespace hubbub::server::sqlite
