// The outboxes of one person at one hub: a file for each program that publishes at the same time.
//   $XDG_STATE_HOME/hubbub/outbox/NAME@HUB/1.db, 2.db …
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/link/outbox/outbox.hpp"
#include "common/address.hpp"

namespace hubbub::link {

/// Where the outboxes of this user lie. Fails where there is no home.
Result<std::string> outbox_folder();
/// Those of one name at one hub, below the folder.
Result<std::string> outbox_folder(const Address& hub, const std::string& name);

/// The first one in `folder` (made, 0700, if there is none) that nobody has, for new messages: the lowest number.
Result<std::shared_ptr<Outbox>> take_outbox(const std::string& folder);

/// The files in `folder`, by number.
std::vector<std::string> outbox_files(const std::string& folder);

/// A person and a hub that something was queued for.
struct OutboxPlace {
  std::string folder;
  std::string hub;  ///< as an URL
  std::string name;
};
std::vector<OutboxPlace> outbox_places();

}  // namespace hubbub::link
