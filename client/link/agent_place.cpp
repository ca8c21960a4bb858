#include "client/link/agent_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "client/link/hub_key.hpp"
#include "client/link/places.hpp"
#include "common/descriptor.hpp"

namespace hubbub::link {

namespace {

constexpr mode_t private_mode = 0700;

tl::unexpected<Error> unsafe(const std::string& folder, const std::string& why) {
  return fail(Status::permission_denied,
              folder + " " + why + ", so it isn't used; remove it, or say with XDG_RUNTIME_DIR where else to go");
}

Result<void> check_folder(const std::string& folder) {
  const Descriptor opened(::open(folder.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!opened.is_open())
    return fail(errno == ENOENT || errno == ENOTDIR ? Status::not_found : Status::unavailable,
                "can't open " + folder + ": " + std::strerror(errno));
  struct stat found {};
  if (::fstat(opened.get(), &found) != 0) return fail(Status::unavailable, folder + ": " + std::strerror(errno));
  if (S_ISLNK(found.st_mode)) return unsafe(folder, "is a symbolic link");
  if (!S_ISDIR(found.st_mode)) return unsafe(folder, "isn't a folder");
  if (found.st_uid != ::geteuid()) return unsafe(folder, "belongs to another user");
  if ((found.st_mode & 077) != 0) return unsafe(folder, "is open to other users");
  return {};
}

Result<void> make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), private_mode) != 0 && errno != EEXIST)
    return fail(Status::unavailable, "can't make the folder " + folder + ": " + std::strerror(errno));
  return check_folder(folder);
}

}  // namespace

AgentPlace agent_place(const Address& hub) {
  const auto runtime = environment("XDG_RUNTIME_DIR");
  const bool usable = runtime.starts_with('/');
  AgentPlace place;
  place.runtime = usable ? runtime + "/hubbub" : "/tmp/hubbub-" + std::to_string(::geteuid());
  place.folder = place.runtime + "/" + hub_key(hub);
  return place;
}

Result<void> make_agent_folder(const AgentPlace& place) {
  if (auto made = make_folder(place.runtime); !made) return made;
  return make_folder(place.folder);
}

Result<void> check_agent_folder(const AgentPlace& place) {
  if (auto good = check_folder(place.runtime); !good) return good;
  return check_folder(place.folder);
}

}  // namespace hubbub::link
