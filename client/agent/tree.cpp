#include "client/agent/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/log.hpp"

namespace hubbub::agent {

namespace {

/// What somebody does to many files is looked at once.
constexpr std::chrono::milliseconds gather_ms{50};
/// Where there is no inotify.
constexpr std::chrono::milliseconds look_unwatched_every{1000};

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  if (!open) return names;
  while (const auto* entry = ::readdir(open.get())) names.emplace_back(entry->d_name);
  return names;
}

}  // namespace

FifoTree::FifoTree(asio::io_context& loop, std::string folder, TreeOutlet& outlet, TreeLimits limits)
    : loop_(loop), path_(std::move(folder)), outlet_(outlet), limits_(limits), soon_(loop), later_(loop) {}

Result<void> FifoTree::start() {
  watch_.emplace(loop_, [this](int watch) { changed(watch); });
  auto found = find_root();
  if (!found) {
    watch_.reset();
    return found;
  }
  look_later();
  return {};
}

/// The root is where its path says, made anew if it must be.
Result<void> FifoTree::find_root() {
  if (root_ && root_->is_at(AT_FDCWD, path_)) return {};
  auto root = TreeFolder::open(AT_FDCWD, path_, path_);
  if (!root) return tl::unexpected(root.error());
  if (root_) log::warn("the folder of the FIFO tree was lost and is made again", {{"folder", path_}});
  root_ = *std::move(root);
  const auto watch = watch_->add(path_);
  if (watch != root_watch_) watch_->remove(std::exchange(root_watch_, watch));
  return {};
}

Result<void> FifoTree::join(const RoomName& room) {
  if (!root_) return fail(Status::failed_precondition, "the FIFO tree isn't there, since " + path_ + " can't be used");
  auto& place = places_[room];
  if (!place) place = std::make_unique<Place>(loop_, *root_, room, outlet_, limits_);
  return build(room, *place);
}

/// A watch is of a folder, not of its name: a folder that was made again needs another.
Result<void> FifoTree::build(const RoomName& name, Place& place) {
  auto built = place.room.build();
  const auto watch = watch_->add(path_ + '/' + name.str());
  if (watch != place.watch) watch_->remove(std::exchange(place.watch, watch));
  return built;
}

void FifoTree::leave(const RoomName& room) {
  const auto at = places_.find(room);
  if (at == places_.end()) return;
  watch_->remove(at->second->watch);
  at->second->room.remove();
  places_.erase(at);
}

void FifoTree::clear() {
  if (!watch_) return;
  while (!places_.empty()) leave(places_.begin()->first);
  watch_.reset();
  soon_.cancel();
  later_.cancel();
  alive_.reset();
  if (root_->is_at(AT_FDCWD, path_)) ::rmdir(path_.c_str());
  root_.reset();
}

void FifoTree::sweep() {
  if (!root_) return;
  for (const auto& name : names_in(path_))
    if (const auto room = RoomName::parse(name); room && !places_.contains(*room)) sweep(*room);
}

void FifoTree::sweep(const RoomName& room) {
  const auto path = path_ + '/' + room.str();
  auto folder = TreeFolder::open(root_->fd(), room.str(), path);
  if (!folder) return log::warn("left alone in the FIFO tree", {{"why", folder.error().sentence}});
  // Whoever waits for a reader is let go on, to learn that there is none.
  const Descriptor in(::openat(folder->fd(), "in", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  for (const auto* name : tree_file_names) folder->remove_ours(name);
  if (::unlinkat(root_->fd(), room.str().c_str(), AT_REMOVEDIR) == 0)
    log::info("removed what another agent left in the FIFO tree", {{"folder", path}});
}

TreeRoom* FifoTree::find(const RoomName& room) {
  const auto at = places_.find(room);
  return at == places_.end() ? nullptr : &at->second->room;
}

void FifoTree::message(const link::Message& message) {
  if (auto* room = find(message.room)) room->message(message);
}

void FifoTree::gap(const RoomName& room, Seq first, Seq last) {
  if (auto* found = find(room)) found->gap(first, last);
}

void FifoTree::set_topic(const RoomName& room, std::string_view topic) {
  if (auto* found = find(room)) found->set_topic(topic);
}

void FifoTree::set_members(const RoomName& room, std::span<const proto::Person> people) {
  if (auto* found = find(room)) found->set_members(people);
}

void FifoTree::go_on() {
  for (auto& [name, place] : places_) place->room.go_on();
}

void FifoTree::changed(int watch) {
  const bool is_first = changed_.empty();
  changed_.insert(watch);
  if (!is_first) return;
  soon_.expires_after(gather_ms);
  soon_.async_wait([this, alive = std::weak_ptr(alive_)](std::error_code error) {
    if (!error && !alive.expired()) look_at_changed();
  });
}

/// A room that has trouble waits for look(): trying again would itself be a change.
void FifoTree::look_at_changed() {
  const auto changed = std::exchange(changed_, {});
  if (changed.contains(root_watch_) || changed.contains(TreeWatch::none)) return look();
  for (auto& [name, place] : places_)
    if (changed.contains(place->watch) && !place->room.has_trouble()) build(name, *place);
}

void FifoTree::look() {
  if (!watch_) return;
  const auto found = find_root();
  const auto trouble = found ? std::string() : found.error().sentence;
  if (trouble != trouble_ && !trouble.empty()) log::warn("there is no FIFO tree", {{"why", trouble}});
  trouble_ = trouble;
  if (!found) return;
  for (auto& [name, place] : places_) build(name, *place);
}

void FifoTree::look_later() {
  later_.expires_after(watch_->works() ? limits_.look_every : std::min(limits_.look_every, look_unwatched_every));
  later_.async_wait([this, alive = std::weak_ptr(alive_)](std::error_code error) {
    if (error || alive.expired()) return;
    look();
    look_later();
  });
}

}  // namespace hubbub::agent
