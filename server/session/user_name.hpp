// The name of a local user, as a person of the hub.
#pragma once

#include "proto/text.hpp"

namespace hubbub::server {

/// The login name of `uid` with every byte that a name can't have as `-`; `uid-1000` where there is none.
PersonName user_name(unsigned uid);

}  // namespace hubbub::server
