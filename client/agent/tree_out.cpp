#include "client/agent/tree_out.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "client/agent/tree_line.hpp"
#include "common/log.hpp"

namespace hubbub::agent {

namespace {

/// As many whole lines as fit into `room` bytes; at least one.
std::string_view first_lines(std::string_view lines, std::size_t room) {
  if (lines.size() <= room) return lines;
  const auto last = room == 0 ? std::string_view::npos : lines.rfind('\n', room - 1);
  return lines.substr(0, (last == std::string_view::npos ? lines.find('\n') : last) + 1);
}

std::uint64_t count_lines(std::string_view lines) {
  return static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
}

}  // namespace

TreeOut::TreeOut(TreeFolder& folder, std::string name, std::size_t bytes_max)
    : folder_(folder), name_(std::move(name)), bytes_max_(bytes_max) {}

Result<std::string> TreeOut::open() {
  auto opened = folder_.open_file(name_);
  if (!opened) return tl::unexpected(opened.error());
  file_ = std::move(opened->descriptor);
  return std::move(opened->moved);
}

bool TreeOut::is_there() const { return file_.is_open() && folder_.holds(name_, file_id(file_.get())); }

/// Asked, not counted: whoever reads it may also empty it.
std::size_t TreeOut::size_now() const {
  struct stat about {};
  return ::fstat(file_.get(), &about) == 0 ? static_cast<std::size_t>(about.st_size) : 0;
}

void TreeOut::flush() {
  const auto batch = std::exchange(batch_, {});
  for (std::string_view left = batch; !left.empty();) {
    const auto size = file_.is_open() ? size_now() : 0;
    const auto lines = first_lines(left, bytes_max_ > size ? bytes_max_ - size : 0);
    if (size > 0 && size + lines.size() > bytes_max_) {
      rotate();
      if (size_now() == 0) continue;
    }
    if (missing_ > 0 &&
        write(tree_remark("lines missing here because they couldn't be written: " + std::to_string(missing_))))
      missing_ = 0;
    if (missing_ > 0 || !write(lines)) missing_ += count_lines(lines);
    left.remove_prefix(lines.size());
  }
}

/// False if not all of it could be written; then none of it is there.
bool TreeOut::write(std::string_view lines) {
  if (!file_.is_open()) return false;
  const auto before = size_now();
  const auto wrote = ::write(file_.get(), lines.data(), lines.size());
  if (wrote == static_cast<ssize_t>(lines.size())) return true;
  if (missing_ == 0) log::warn("can't write all of a file of the FIFO tree", {{"file", folder_.path() + '/' + name_}});
  if (wrote > 0 && ::ftruncate(file_.get(), static_cast<off_t>(before)) != 0) file_ = Descriptor();
  return false;
}

void TreeOut::rotate() {
  if (!is_there()) return;
  auto next = folder_.rotate(name_, name_ + ".1");
  if (!next) return log::warn("a file of the FIFO tree grows past its limit", {{"why", next.error().sentence}});
  write(tree_remark("goes on in a new file; tail -F follows it"));
  file_ = *std::move(next);
}

void TreeOut::remove() {
  if (file_.is_open()) folder_.remove(name_, file_id(file_.get()));
  folder_.remove_ours(name_ + ".1");
}

}  // namespace hubbub::agent
