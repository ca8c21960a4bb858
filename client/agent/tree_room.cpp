#include "client/agent/tree_room.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "common/escape.hpp"
#include "common/log.hpp"

namespace hubbub::agent {

namespace {

/// Messages of one tick are written together, unless they are this many.
constexpr std::size_t batch_bytes_max = 64 * 1024;

void keep_first(Result<void>& first, Result<void> next) {
  if (first) first = std::move(next);
}

}  // namespace

TreeRoom::TreeRoom(asio::io_context& loop, const TreeFolder& root, RoomName room, TreeOutlet& outlet,
                   const TreeLimits& limits)
    : loop_(loop), root_(root), room_(std::move(room)), outlet_(outlet), limits_(limits) {}

Result<void> TreeRoom::build() {
  auto built = build_folder();
  if (built) built = build_parts();
  const auto trouble = built ? std::string() : built.error().sentence;
  if (trouble != trouble_ && !trouble.empty()) {
    log::warn("a room's files aren't complete", {{"room", room_.str()}, {"why", trouble}});
    note(trouble);
  }
  trouble_ = trouble;
  return built;
}

Result<void> TreeRoom::build_folder() {
  const auto& name = room_.str();
  if (folder_ && folder_->is_at(root_.fd(), name)) return {};
  const bool was_there = folder_.has_value();
  end_in();
  notes_.reset();
  out_.reset();
  folder_.reset();
  topic_.is_made = members_.is_made = false;
  auto folder = TreeFolder::open(root_.fd(), name, root_.path() + '/' + name);
  if (!folder) return tl::unexpected(folder.error());
  folder_ = *std::move(folder);
  notes_.emplace(*folder_, limits_.errors_bytes_max, limits_.notes_a_second_max);
  out_.emplace(*folder_, "out", limits_.out_bytes_max);
  if (was_there) log::warn("a room's folder was lost and is made again", {{"folder", folder_->path()}});
  return {};
}

/// As many of them as can be made.
Result<void> TreeRoom::build_parts() {
  notes_->settle();
  auto built = build_file(notes_->file(), "errors");
  keep_first(built, build_file(*out_, "out"));
  keep_first(built, build_in());
  keep_first(built, build_feed());
  keep_first(built, build_text(topic_));
  keep_first(built, build_text(members_));
  return built;
}

Result<void> TreeRoom::build_file(TreeOut& file, const char* name) {
  if (file.is_there()) return {};
  const bool was_there = file.is_open();
  auto moved = file.open();
  if (!moved) return tl::unexpected(moved.error());
  if (!moved->empty()) note(*moved);
  made_again(name, was_there);
  return {};
}

Result<Descriptor> TreeRoom::open_fifo(const char* name, int flags) {
  auto opened = folder_->open_fifo(name, flags);
  if (!opened) return tl::unexpected(opened.error());
  if (!opened->moved.empty()) note(opened->moved);
  return std::move(opened->descriptor);
}

Result<void> TreeRoom::build_in() {
  const bool was_there = in_.has_value();
  if (was_there && !in_->is_broken() && folder_->holds("in", file_id(in_->fd()))) return {};
  end_in();
  auto fifo = open_fifo("in", O_RDONLY);
  if (!fifo) return tl::unexpected(fifo.error());
  in_.emplace(loop_, *std::move(fifo), TreeIn::Bounds{limits_.line_bytes_max, limits_.unfinished_max},
              TreeIn::Callbacks{[this](std::string_view line) { return outlet_.say(room_, line); },
                                [this](const std::string& sentence) { note(sentence); },
                                [this] { return open_fifo("in", O_RDONLY); }});
  made_again("in", was_there);
  return {};
}

Result<void> TreeRoom::build_feed() {
  const bool was_there = feed_.has_value();
  if (was_there && folder_->holds("feed", file_id(feed_->fd()))) return {};
  auto fifo = open_fifo("feed", O_RDWR);
  if (!fifo) return tl::unexpected(fifo.error());
  if (was_there)
    feed_->replace(*std::move(fifo));
  else
    feed_.emplace(loop_, *std::move(fifo), limits_.feed_bytes_max,
                  [this](const std::string& sentence) { note(sentence); });
  made_again("feed", was_there);
  return {};
}

Result<void> TreeRoom::build_text(TextFile& file) {
  if (file.is_made && folder_->holds(file.name, file.file)) return {};
  const bool was_there = file.is_made;
  const auto made = folder_->replace(file.name, file.text);
  if (!made) return tl::unexpected(made.error());
  if (!made->moved.empty()) note(made->moved);
  file.file = made->file;
  file.is_made = true;
  made_again(file.name, was_there);
  return {};
}

void TreeRoom::made_again(const char* name, bool was_there) {
  if (!was_there) return;
  log::warn("a room's file was lost and is made again", {{"folder", folder_->path()}, {"file", name}});
  note(std::string(name) + " was lost and is made again");
}

void TreeRoom::message(const link::Message& message) {
  const auto line = tree_line(message, limits_.out_line_bytes_max);
  if (out_) out_->append(line.text);
  flush_soon();
  if (feed_) feed(message.seq, line);
}

/// Half a line would be half an order for a worker.
void TreeRoom::feed(Seq seq, const TreeLine& line) {
  if (line.is_whole && line.text.size() <= TreeFeed::line_bytes_max) return feed_->push(line.text);
  if (!feed_->is_used()) return;
  note("message " + std::to_string(seq.value) + " is too long for feed: a line there has at most " +
       std::to_string(TreeFeed::line_bytes_max) + " bytes");
}

void TreeRoom::gap(Seq first, Seq last) {
  const auto lost =
      "messages " + std::to_string(first.value) + " to " + std::to_string(last.value) + " can't be had any more";
  if (out_) out_->append(tree_remark(lost));
  flush_soon();
  note(lost);
}

void TreeRoom::flush_soon() {
  if (out_ && out_->batch_bytes() >= batch_bytes_max) out_->flush();
  if (std::exchange(flushes_soon_, true)) return;
  asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    flushes_soon_ = false;
    if (out_) out_->flush();
  });
}

void TreeRoom::set_topic(std::string_view topic) {
  set_text(topic_, topic.empty() ? std::string() : escape_for_terminal(topic) + '\n');
}

void TreeRoom::set_members(std::span<const proto::Person> people) { set_text(members_, tree_members(people)); }

/// Where it fails, build() tries again.
void TreeRoom::set_text(TextFile& file, std::string text) {
  if (file.is_made && file.text == text) return;
  file.text = std::move(text);
  file.is_made = false;
  if (!folder_) return;
  const auto made = build_text(file);
  if (!made) note(made.error().sentence);
}

void TreeRoom::go_on() {
  if (in_) in_->go_on();
}

void TreeRoom::note(const std::string& sentence) {
  if (notes_) notes_->note(sentence);
}

void TreeRoom::end_in() {
  if (!in_) return;
  const auto refused = in_->drain();
  in_.reset();
  if (refused > 0)
    log::warn("lines of a room's FIFO that is closed were not said", {{"room", room_.str()}, {"lines", refused}});
}

void TreeRoom::remove() {
  if (!folder_) return end_in();
  if (in_) folder_->remove("in", file_id(in_->fd()));
  end_in();
  if (feed_) folder_->remove("feed", file_id(feed_->fd()));
  feed_.reset();
  for (const auto* text : {&topic_, &members_})
    if (text->is_made) folder_->remove(text->name, text->file);
  out_->remove();
  notes_->file().remove();
  if (folder_->is_at(root_.fd(), room_.str())) ::unlinkat(root_.fd(), room_.str().c_str(), AT_REMOVEDIR);
}

}  // namespace hubbub::agent
